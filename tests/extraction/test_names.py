"""Names in outcomes.csv as people write them: keys, labels, case and blanks."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingmeta.extraction.names import as_known
from livingmeta.plan import arms, outcomes

ARMS = arms({"drug": {"label": "New drug"}, "usual-care": {"label": "Usual care / none"}})
OUTCOMES = outcomes({"pain-6m": {"label": "Pain at 6 months"}, "relapse": {"label": "Relapse"}})


def read(**cells):
    row = {"study_id": "ahn-2015", "outcome": "relapse", "arm": "drug"} | cells
    found = as_known(pd.DataFrame([row]), ["ahn-2015", "Ahn-2016"], OUTCOMES, ARMS)
    return found, found.attrs["notes"]


@pytest.mark.parametrize(
    ("column", "written", "meant"),
    [
        ("study_id", "Ahn 2015", "ahn-2015"),
        ("study_id", "AHN_2016", "Ahn-2016"),
        ("outcome", "Pain at 6 Months", "pain-6m"),
        ("outcome", "pain 6m", "pain-6m"),
        ("arm", "New Drug", "drug"),
        ("arm", "usual care", "usual-care"),
        ("arm", "Usual care / none", "usual-care"),
        ("arm", "New drug/usual_care", "drug/usual-care"),
        ("arm", "Usual care / none/New drug", "usual-care/drug"),
    ],
)
def test_a_name_is_the_key_it_means_and_a_note_says_so(column, written, meant):
    found, notes = read(**{column: written})
    assert found[column][0] == meant
    assert notes == [f"outcomes.csv, column {column}: '{written}' read as {meant}."]


@pytest.mark.parametrize(
    ("column", "written"),
    [("study_id", "ahn"), ("outcome", "pain"), ("arm", "placebo"), ("arm", "drug/placebo")],
)
def test_what_nothing_is_called_stays_as_written(column, written):
    found, notes = read(**{column: written})
    assert (found[column][0], notes) == (written, [])


def test_a_label_that_could_be_a_contrast_is_nobodys():
    three = arms(
        {"s": {"label": "Surgery"}, "r": {"label": "Rays"}, "x": {"label": "Surgery/rays"}}
    )
    frame = pd.DataFrame({"study_id": ["x"] * 2, "outcome": "o", "arm": ["Surgery/rays", "s/r"]})
    found = as_known(frame, ["x"], outcomes({"o": {"label": "O"}}), three)
    assert found["arm"].tolist() == ["Surgery/rays", "s/r"]


def test_a_label_of_two_arms_or_the_key_of_another_is_nobodys():
    twice = arms({"a": {"label": "Drug"}, "b": {"label": "drug"}, "c": {"label": "A"}})
    frame = pd.DataFrame({"study_id": ["x"] * 3, "outcome": "o", "arm": ["Drug", "a", "A"]})
    found = as_known(frame, ["x"], outcomes({"o": {"label": "O"}}), twice)
    assert found["arm"].tolist() == ["Drug", "a", "A"]


@given(st.data())
def test_whatever_its_case_blanks_and_strokes(data):
    squeezed = [*data.draw(st.sampled_from(["ahn2015", "AHN2015"]))]
    between = st.sampled_from(["", " ", "_", "-"])
    written = "".join(letter + data.draw(between) for letter in squeezed[:-1]) + squeezed[-1]
    found, _ = read(study_id=written)
    assert found["study_id"][0] == "ahn-2015"


@pytest.mark.parametrize(
    ("parts", "meant"),
    [
        (["Men", "men", "men"], ["men"] * 3),
        (["Stage  III", "Stage III", "stage iii", "Stage III"], ["Stage III"] * 4),
        (["men", "", "Men"], ["men", "", "men"]),
        (["stage III", "stage 3"], None),
        (["T1-2", "T12"], None),
    ],
)
def test_a_part_is_written_as_most_rows_of_its_study_have_it(parts, meant):
    rows = [{"study_id": "ahn", "outcome": "relapse", "arm": "drug", "part": p} for p in parts]
    rows.append({**rows[0], "study_id": "baer", "part": "MEN"})
    found = as_known(pd.DataFrame(rows), ["ahn", "baer"], OUTCOMES, ARMS)
    assert found["part"].tolist() == [*(meant or parts), "MEN"]
    other = {p for p in parts if meant and p not in meant}
    assert [note.split(": ")[1] for note in found.attrs["notes"]] == [
        f"'{p}' of ahn read as {meant[0]}." for p in dict.fromkeys(parts) if p in other
    ]
