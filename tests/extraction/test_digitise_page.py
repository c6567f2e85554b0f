"""The page that digitises, in a real browser: what it traces, takes, saves and refuses."""

import csv
import hashlib
import io
import json

import numpy as np
import pytest
from digitiser import bring, click, fill, html, open_page, save, set_axes, told
from drawn_figures import at_risk, draw, seen, to_pixel
from PIL import Image

from livingmeta import tables
from livingmeta.extraction.curves import origin, points
from livingmeta.extraction.curves.clicks import CurveError, clean_clicks
from livingmeta.extraction.curves.rebuild import rebuild
from livingmeta.formulas import individual_data
from screening.chromium import FOUND, Browser

pytestmark = pytest.mark.skipif(FOUND is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def opened():
    with Browser(1440, 900) as browser:
        yield browser


@pytest.fixture(scope="module")
def computing(opened, tmp_path_factory):
    """The page, for what it computes by itself."""
    file = tmp_path_factory.mktemp("computing") / "digitise.html"
    file.write_text(html(), encoding="utf-8")
    open_page(opened, file)
    return opened


@pytest.fixture
def desk(opened, tmp_path):
    """The page, just opened."""
    (tmp_path / "digitise.html").write_text(html(), encoding="utf-8")
    open_page(opened, tmp_path / "digitise.html")
    yield opened
    assert opened.errors == []
    assert {url.split(":")[0] for url in opened.requests} <= {"file", "data", "blob"}


@pytest.fixture
def figure(desk, tmp_path):
    """A drawn figure on the page, its axes set; `figure.drawn` as drawn."""
    return brought(desk, tmp_path, draw(5, 700))


def brought(desk, tmp_path, drawn):
    path = tmp_path / f"figure 2.{drawn.kind}"
    path.write_bytes(drawn.image)
    bring(desk, path)
    set_axes(desk, drawn)
    assert told(desk, "axes-told") == "The axes are set."
    desk.drawn, desk.path = drawn, path
    return desk


def work_on(desk):
    desk.run("document.getElementById('canvas').focus()")


def traced(desk, arm):
    work_on(desk)
    desk.key("t")
    for place in seen(desk.drawn, arm, 1):
        click(desk, place["x"], place["y"])
    assert "traced by colour" in told(desk, "curve-told")


# ---- what is computed on the page, held to what the pipeline computes


def test_any_calibration_is_that_of_the_pipeline(computing):
    rng = np.random.default_rng(1)
    for _ in range(20):
        axes = [
            *({"x": x, "y": 600 + rng.normal(0, 15), "value": v} for x, v in ((100, 0), (900, 48))),
            *({"x": 100 + rng.normal(0, 15), "y": y, "value": v} for y, v in ((600, 0), (80, 100))),
        ]
        places = rng.uniform(0, 900, (5, 2))
        found = computing.run(f"""(() => {{
            const cal = Figure.calibrate({json.dumps(axes)}, 100);
            return {json.dumps(places.tolist())}.map(([x, y]) => {{
                const v = cal.at(x, y);
                const back = cal.pixel(v.time, v.level);
                return [v.time, v.level, back.x, back.y];
            }});
        }})()""")
        marks = np.array([[p["value"], p["x"], p["y"]] for p in axes])
        found = np.array(found)
        assert found[:, :2] == pytest.approx(origin.computed(marks, places))
        assert found[:, 2:] == pytest.approx(places)


GOOD = [[100, 500, 0], [900, 500, 24], [100, 500, 0], [100, 100, 100]]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({1: [900, 500, 0]}, "Both clicks on the time axis"),
        ({3: [100, 100, 0]}, "Both clicks on the axis of survival"),
        ({1: [105, 500, 24]}, "at one place"),
        ({3: [100, 495, 100]}, "at one place"),
        ({0: [900, 500, 0], 1: [100, 500, 24]}, "later time is left of the earlier"),
        ({2: [100, 100, 0], 3: [100, 500, 100]}, "higher survival is below"),
        ({1: [110, 100, 24]}, "one above the other"),
        ({3: [900, 480, 100]}, "side by side"),
        ({0: [100, 500, -6]}, "below 0"),
        ({3: [100, 100, 1]}, "not in percent"),
        ({3: [100, 100, 1000]}, "from 0 to 100"),
        ({3: [100, 100, None]}, "Type what the axis says"),
        ({3: None}, "Four clicks"),
    ],
)
def test_axes_that_cannot_be_are_refused_in_a_word(computing, change, says):
    marks = [change.get(k, mark) for k, mark in enumerate(GOOD)]
    axes = [{"x": m[0], "y": m[1], "value": m[2]} for m in marks if m]
    said = computing.run(f"Figure.calibrate({json.dumps(axes)}, 100).wrong")
    assert says in said


def test_the_steps_drawn_are_those_that_the_pipeline_reads(computing):
    rng = np.random.default_rng(2)
    refused = 0
    for trial in range(200):
        n = int(rng.integers(2, 40))
        t = np.sort(rng.uniform(0, 48, n))
        s = np.sort(rng.uniform(0.1, 1, n))[::-1]
        if trial % 3:
            t, s = t + rng.normal(0, 0.2, n), s + rng.normal(0, 0.04 * (trial % 4), n)
        if trial % 5 == 0:
            order = rng.permutation(n)
            t, s = t[order], s[order]
        if trial % 7 == 0:
            t, s = np.repeat(t, 2), np.append(1, np.repeat(s, 2)[:-1])
        dates = [0, 12, 24, 36][: trial % 5]
        ask = json.dumps([np.column_stack([t, s]).tolist(), dates])
        found = computing.run(f"Reader.read(...{ask})")
        try:
            time, survival, warnings = clean_clicks(t, s, dates or (0.0,))
        except CurveError:
            refused += 1
            assert found["wrong"]
            continue
        assert found["t"] == pytest.approx(time)
        assert found["s"] == pytest.approx(survival)
        assert bool(found["said"]) == bool(warnings)
    assert 20 < refused < 150


# ---- a figure


def test_two_curves_traced_by_colour_give_the_hazard_ratio_of_the_patients(figure, tmp_path):
    drawn = figure.drawn
    rebuilt = {}
    for number, (arm, patients) in enumerate(drawn.arms.items()):
        if number:
            work_on(figure)
            figure.key("n")
        fill(figure, study="ahn-2015", arm=arm, name="Kim")
        traced(figure, arm)
        name, text = save(figure)
        assert name == f"ahn-2015.{arm}.os-Kim.csv"
        (tmp_path / name).write_text(text, encoding="utf-8")
        table = points.read(tmp_path / name, "months")
        where = table.attrs["origin"]
        assert where.image == "figure 2.png"
        assert where.sha256 == hashlib.sha256(figure.path.read_bytes()).hexdigest()
        assert (where.by, where.how[:16]) == ("Kim", "traced by colour")
        assert where.many == len(table)
        rebuilt[arm] = rebuild(table["time"], table["survival"], *at_risk(patients))
        assert abs(rebuilt[arm].events - patients["event"].sum()) <= 2
    off = (
        individual_data.cox(*(curve.data for curve in rebuilt.values())).value
        - individual_data.cox(*drawn.arms.values()).value
    )
    assert abs(off) < 0.01


@pytest.mark.heavy
def test_a_curve_clicked_by_hand(desk, tmp_path):
    figure = brought(desk, tmp_path, draw(5, 700, n=(25, 40)))
    patients = figure.drawn.arms["drug"]
    fill(figure, study="ahn-2015", arm="drug", name="Kim")
    work_on(figure)
    figure.key("c")
    km = individual_data.kaplan_meier(patients)
    level = 1.0
    rng = np.random.default_rng(3)
    for time, survival in zip(km.time, km.survival, strict=True):
        for height in (level, survival):
            x, y = to_pixel(figure.drawn, time, height)
            click(figure, x + rng.normal(0, 0.5), y + rng.normal(0, 0.5))
        level = survival
    assert "clicked by hand" in told(figure, "curve-told")
    rmse = float(told(figure, "curve-told").split("within ")[1].split("%")[0])
    assert 0 < rmse < 0.5
    name, text = save(figure)
    (tmp_path / name).write_text(text, encoding="utf-8")
    table = points.read(tmp_path / name, "months")
    curve = rebuild(table["time"], table["survival"], *at_risk(patients))
    assert abs(curve.events - patients["event"].sum()) <= 3


def test_a_point_is_moved_deleted_and_brought_back(figure):
    work_on(figure)
    figure.key("c")
    for time, height in ((0, 1), (12, 0.8), (24, 0.6)):
        click(figure, *to_pixel(figure.drawn, time, height))
    assert told(figure, "curve-told").startswith("3 points")
    click(figure, *to_pixel(figure.drawn, 12, 0.8), to=to_pixel(figure.drawn, 18, 0.7))
    assert told(figure, "curve-told").startswith("3 points")
    work_on(figure)
    figure.key("Delete")
    assert told(figure, "curve-told").startswith("2 points")
    figure.key("z")
    assert told(figure, "curve-told").startswith("3 points")
    figure.key(",")
    figure.key("ArrowDown")
    figure.key("ArrowDown")
    for _ in range(3):  # both steps with the arrow, and the point that was moved
        figure.key("z")
    fill(figure, study="ahn-2015", arm="drug", name="Kim")
    rows = [line.split(",") for line in save(figure)[1].splitlines() if line[0] not in "#T"]
    assert [round(float(row[0]), 1) for row in rows] == [0, 12, 24]


def test_the_keyboard_alone_places_a_point(figure):
    work_on(figure)
    figure.key("c")
    figure.key("Enter")
    assert told(figure, "curve-told").startswith("1 point")


def test_a_trace_leaves_out_what_is_erased(figure):
    traced(figure, "drug")
    whole = told(figure, "curve-told")
    count = int(whole.split()[0])
    work_on(figure)
    figure.key("e")
    click(figure, *to_pixel(figure.drawn, 30, 1.0), to=to_pixel(figure.drawn, 48, 0))
    assert int(told(figure, "curve-told").split()[0]) < count
    figure.key("z")
    assert told(figure, "curve-told") == whole


def test_a_place_without_a_curve_and_one_outside_are_refused(figure):
    work_on(figure)
    figure.key("t")
    click(figure, *to_pixel(figure.drawn, 2, 0.05))
    assert "no line at this place" in told(figure, "notice")
    click(figure, *to_pixel(figure.drawn, 24, -0.12))
    assert told(figure, "notice")
    assert told(figure, "curve-told") == "No point yet."


def test_what_was_clicked_is_there_when_the_image_is_opened_again(figure):
    fill(figure, study="ahn-2015", arm="drug", risk_times="0 12")
    traced(figure, "drug")
    before = told(figure, "curve-told")
    figure.open(figure.requests[0].removeprefix("file://"))
    bring(figure, figure.path)
    assert told(figure, "curve-told") == before
    assert figure.run("document.getElementById('risk-times').value") == "0 12"


def test_numbers_below_the_figure_are_rows_of_outcomes(figure, tmp_path):
    fill(figure, study="ahn-2015", arm="drug", name="Kim", source="Figure 2", unit="years")
    fill(figure, risk_times="0 1 2", risk="50 37 60", events="22")
    assert "rise from 37 to 60" in told(figure, "numbers-told")
    fill(figure, risk="50 37")
    assert "3 times and 2 numbers" in told(figure, "numbers-told")
    fill(figure, risk="50 37 26", events="51")
    assert "51 events among 50" in told(figure, "numbers-told")
    fill(figure, events="22")
    name, text = save(figure, "save-numbers")
    assert name.startswith("outcomes-Kim-")
    (tmp_path / name).write_text(text, encoding="utf-8")
    table = tables.read(tmp_path / name, "data/outcomes")
    assert table["statistic"].tolist() == ["at-risk"] * 3 + ["events"]
    assert table["value"].tolist() == [50, 37, 26, 22]
    assert table["time"].tolist()[:3] == [0, 1, 2]
    assert set(table["time_unit"]) == {"years"}
    assert set(table["extractor"]) == {"Kim"}
    assert next(csv.DictReader(io.StringIO(text)))["outcome"] == "os"


def test_nothing_is_saved_without_a_name_or_for_a_study_that_cannot_be(figure):
    traced(figure, "drug")
    assert figure.run("document.getElementById('save').disabled")
    fill(figure, study="../ahn", arm="drug")
    figure.run("document.getElementById('save').click()")
    assert "Say first who" in told(figure, "notice")
    fill(figure, name="Kim")
    figure.run("document.getElementById('save').click()")
    assert "no study_id" in told(figure, "notice")


NO_IMAGES = {
    "figure.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is a drawing (SVG)"),
    "broken.png": (b"\x89PNG\r\n\x1a\nbroken", "cannot be read as an image"),
    "paper.pdf": (b"%PDF-1.4", "cannot be read as an image"),
    "empty.jpg": (b"", "cannot be read as an image"),
}


def test_what_is_no_image_is_refused_in_a_word(desk, tmp_path):
    for name, (content, says) in NO_IMAGES.items():
        (tmp_path / name).write_bytes(content)
        desk.upload("#file", tmp_path / name)
        desk.wait(f"document.getElementById('notice').textContent.startsWith({name!r})")
        assert says in told(desk, "notice")


@pytest.mark.heavy
def test_an_image_of_fifty_million_pixels_is_scaled_down(desk, tmp_path):
    drawn = draw(5, 866)
    small = Image.open(io.BytesIO(drawn.image))
    large = small.resize((8660, 5770), Image.Resampling.NEAREST)
    large.save(tmp_path / "poster.png")
    by = 8660 / small.width
    axes = [{**p, "x": p["x"] * by, "y": p["y"] * by} for p in drawn.axes]
    bring(desk, tmp_path / "poster.png", 60)
    assert "50 million pixels" in told(desk, "notice")
    scale = desk.run("document.getElementById('notice').textContent.match(/at (\\d+)/)[1]")
    scale = int(scale) / 8660
    shown = [{**p, "x": p["x"] * scale, "y": p["y"] * scale} for p in axes]
    desk.drawn = drawn._replace(axes=shown)
    set_axes(desk, desk.drawn)
    fill(desk, study="ahn-2015", arm="drug", name="Kim")
    work_on(desk)
    desk.key("t")
    [place] = seen(drawn, "drug", 1)
    click(desk, place["x"] * by * scale, place["y"] * by * scale)
    name, text = save(desk)
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert "# pixels: 8660 x 5770" in text
    told_axes = points.read(tmp_path / name, "months").attrs["origin"].axes
    assert told_axes[1, 1] == pytest.approx(axes[1]["x"], abs=0.1)


def test_every_control_has_a_name_and_every_id_is_one(desk):
    nameless = """[...document.querySelectorAll('button, input:not([hidden]), select')]
        .filter((n) => !n.textContent.trim() && !n.labels?.length && !n.ariaLabel).length"""
    assert desk.run(nameless) == 0
    twice = """(() => { const ids = [...document.querySelectorAll('[id]')].map((n) => n.id);
        return ids.filter((id, i) => ids.indexOf(id) !== i); })()"""
    assert desk.run(twice) == []
