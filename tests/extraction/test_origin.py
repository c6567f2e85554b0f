"""What a file of points says of where they come from: read, computed again, or refused."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingmeta import tables
from livingmeta.extraction.curves import origin, points, read
from livingmeta.report import figure_numbers
from livingmeta.words.numbers import Numbers

HEAD = """# image: figure 2, page 7.png
# sha256: {digest}
# pixels: 1200 x 800
# axes: time 0 at 100 700, time 24 at 1060 700, survival 0 at 100 700, survival 100 at 100 100
# digitised by: Kim
# digitised on: 2026-11-28
# how: clicked by hand
"""
ROWS = """Time (months),Survival (%),x (pixel),y (pixel)
0,100,100,100
6,75,340,250
12,50,580,400
24,50,1060,400
"""
DIGEST = hashlib.sha256(b"a figure").hexdigest()


def written(tmp_path, text):
    path = tmp_path / "ahn-2015.drug.os.csv"
    path.write_text(text, encoding="utf-8")
    return path


def whole():
    return HEAD.format(digest=DIGEST) + ROWS


def test_the_points_and_where_they_come_from_are_read(tmp_path):
    table = points.read(written(tmp_path, whole()), "months")
    assert table["time"].tolist() == [0, 6, 12, 24]
    assert table["survival"].tolist() == [1, 0.75, 0.5, 0.5]
    told = table.attrs["origin"]
    assert (told.image, told.sha256, told.by) == ("figure 2, page 7.png", DIGEST, "Kim")
    assert told.on.isoformat() == "2026-11-28"
    assert told.how == "clicked by hand"


def test_a_curve_of_the_future_is_refused(tmp_path):
    """It would stand behind every later one of its reader."""
    with pytest.raises(tables.TableError, match="digitised on '2062-11-28': a day of the future"):
        points.read(written(tmp_path, whole().replace("on: 2026", "on: 2062")), "months")


def test_times_are_computed_again_in_the_unit_of_the_file(tmp_path):
    text = whole().replace("Time (months)", "Time (years)")
    assert points.read(written(tmp_path, text), "months")["time"].tolist() == [0, 72, 144, 288]


def test_as_excel_saves_it(tmp_path):
    lines = [
        ";".join([f'"{line}"', "", "", ""]) if line.startswith("#") else line.replace(",", ";")
        for line in whole().splitlines()
    ]
    saved = points.read(written(tmp_path, "\n".join(lines)), "months")
    as_it_was = points.read(written(tmp_path, whole()), "months")
    assert saved.to_numpy().tolist() == as_it_was.to_numpy().tolist()
    assert str(saved.attrs["origin"]) == str(as_it_was.attrs["origin"])


def test_other_files_are_read_as_before(tmp_path):
    engauge = "#x,Curve1\n0,1\n6,0.75\n"
    table = points.read(written(tmp_path, engauge), "months")
    assert table.attrs["origin"] is None
    assert table["survival"].tolist() == [1, 0.75]
    # Pixels alone say nothing, and are no third column of a curve.
    assert points.read(written(tmp_path, ROWS), "months").attrs["origin"] is None


def test_a_point_that_was_deleted_is_missed_where_the_file_says_how_many_there_were(tmp_path):
    counted = whole().replace("# how:", "# points: 4\n# how:")
    assert len(points.read(written(tmp_path, counted), "months")) == 4
    less = counted.replace("6,75,340,250\n", "")
    with pytest.raises(tables.TableError, match="saved with 4 points and holds 3"):
        points.read(written(tmp_path, less), "months")
    # A file of before says nothing, and is read as before.
    assert len(points.read(written(tmp_path, whole().replace("6,75,340,250\n", "")), "months")) == 3


@pytest.mark.parametrize(
    ("was", "is_now", "says"),
    [
        ("# how:", "# points: many\n# how:", "points 'many': how many"),
        (
            "6,75,340",
            "6,74,340",
            "row 10; survival is 74, and its pixel",
        ),
        ("12,50,580", "13,50,580", "row 11; time is 13, and its pixel"),
        ("12,50,580", "12,50,", "row 11, column x_pixel"),
        (",x (pixel),y (pixel)", ",,", "columns"),
        ("# digitised by: Kim", "# digitised by:", "lack '# digitised by: ...'"),
        ("# image: figure 2, page 7.png\n", "", "lack '# image: ...'"),
        ("2026-11-28", "28.11.2026", "a day is written 2026-11-28"),
        (DIGEST, "abc", "64 hexadecimal digits"),
        ("time 24 at 1060 700", "time 24", "two times and two survivals"),
        ("time 24 at 1060 700", "time 0 at 1060 700", "at one value or in one place"),
        ("time 24 at 1060 700", "time 24 at 100 700", "at one value or in one place"),
    ],
)
def test_what_cannot_be_is_refused_by_row(tmp_path, was, is_now, says):
    text = whole()
    assert was in text
    with pytest.raises(tables.TableError) as caught:
        points.read(written(tmp_path, text.replace(was, is_now)), "months")
    [said] = caught.value.problems
    assert says in said
    assert "ahn-2015.drug.os.csv" in said


def test_without_the_columns_of_pixels_the_head_is_refused(tmp_path):
    rows = "".join(",".join(line.split(",")[:2]) + "\n" for line in ROWS.splitlines())
    with pytest.raises(tables.TableError, match="y \\(pixel\\) are missing"):
        points.read(written(tmp_path, HEAD.format(digest=DIGEST) + rows), "months")


@given(
    st.floats(-0.2, 0.2), st.floats(-0.2, 0.2), st.floats(0.5, 3), st.floats(0.3, 2),
    st.floats(-3, 30), st.floats(-0.2, 1.2),
)  # fmt: skip
def test_any_affine_figure_is_computed_back(turn, shear, wide, high, time, level):
    across, up = np.array([np.cos(turn), np.sin(turn)]), np.array([np.sin(shear), -np.cos(shear)])

    def at(t, s):
        return np.array([150.0, 600.0]) + 20 * wide * t * across + 400 * high * s * up

    marks = [(2, at(2, 0)), (24, at(24, 0)), (0.1, at(0, 0.1)), (0.9, at(0, 0.9))]
    axes = np.array([[value, *place] for value, place in marks])
    found = origin.computed(axes, np.array([at(time, level)]))
    assert found[0] == pytest.approx([time, level], abs=1e-9)


def test_the_table_of_curves_names_image_and_person(tmp_path):
    drawings = read.read([written(tmp_path, whole())], "months", ("os",))
    printed = tables.empty("extraction/outcomes")
    for k, (time, value) in enumerate([(0.0, 40.0), (12.0, 20.0)]):
        printed.loc[k, ["study_id", "arm", "outcome"]] = ["ahn-2015", "drug", "os"]
        printed.loc[k, ["statistic", "time", "value"]] = ["at-risk", time, value]
    told = read.quality(read.rebuild_all(drawings, printed).curves, drawings)
    assert told.loc[0, ["image", "sha256", "digitised_by", "digitised_on"]].tolist() == [
        "figure 2, page 7.png", DIGEST, "Kim", "2026-11-28",
    ]  # fmt: skip
    tables.write(told, tmp_path / "curves.csv", "extraction/curves")


def test_the_trail_of_a_number_says_from_which_image_and_by_whom():
    row = dict.fromkeys(tables.columns("extraction/curves"), "") | {
        "study_id": "ahn-2015", "arm": "drug", "outcome": "os", "n": 40, "events": 20,
        "rmse": 0.001, "largest_error": 0.002, "image": "figure-2.png",
        "digitised_by": "Kim", "digitised_on": "2026-11-28", "file": "curves/a.csv",
    }  # fmt: skip
    said = []
    for one in (row, row | {"image": "", "digitised_by": "", "digitised_on": ""}):
        numbers = Numbers()
        figure_numbers.curves(numbers, pd.DataFrame([one]), {"ahn-2015": "Ahn 2015"})
        said.append(json.dumps(numbers.as_list()))
    assert "curve rebuilt from figure-2.png, digitised by Kim on 2026-11-28" in said[0]
    assert "Ahn 2015, drug, curve rebuilt: events" in said[1]
