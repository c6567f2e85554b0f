"""A preprint and its article, a talk and its paper, as two studies: their patients count twice."""

import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.extraction import overlap

NAMES = "Kim, Anna; Ruiz, Bo; Lee, Cy"
TITLE = "Moss tea for hay fever in grown-up gardeners"
REPORT = {"title": TITLE, "authors": NAMES, "year": "2019", "type": "journal article"}
PREPRINT = REPORT | {"year": "2018", "journal": "medRxiv", "doi": "10.1101/2018.05.01.18000001"}
TALK = REPORT | {"year": "2017", "type": "Conference Abstract"}
TEXT = " ".join(f"Of {n} gardeners {n // 3} sneezed in week {n}." for n in range(20, 28))
ENTRY = {"title": TITLE, "type": "Trial registry record", "journal": "ClinicalTrials.gov"}
YEARS = ({"enrolled_from": "2001", "enrolled_to": "2003"}, {"enrolled_from": "2004"})


def told(one, other, studies=({}, {}), named=()):
    """What speaks for the pair of two studies, each of which has one of these reports."""
    rows = [{"record_id": f"r{i}"} | row for i, row in enumerate((one, other))]
    columns = tables.columns("screening/records")
    records = pd.DataFrame(rows).reindex(columns=columns, fill_value="").fillna("")
    table = pd.DataFrame(
        [
            {"study_id": f"s{i}", "status": "included", "records": f"r{i}"} | more
            for i, more in enumerate(studies)
        ]
    ).fillna("")
    numbers = pd.DataFrame(list(named), columns=["record_id", "number"])
    nothing = (tables.empty(f"extraction/{name}") for name in ("outcomes", "problems"))
    answers = tables.empty("data/sentinel")
    pairs = overlap.pairs(table, *nothing, answers, numbers, records)
    return [(row.grade, row.signs) for row in pairs.itertuples()]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PREPRINT, REPORT),
        (TALK, REPORT),
        (REPORT, REPORT | {"journal": "Another Journal"}),
        (PREPRINT, REPORT | {"title": f"{TITLE}: a randomised, double-blind phase 3 trial"}),
        (TALK | {"title": f"{TITLE}: primary results of a pilot trial"}, REPORT),
        (TALK, REPORT | {"title": "Hay fever: moss tea in gardeners, a grown-up trial"}),
        (PREPRINT | {"title": f"Retold: {TITLE}"}, REPORT | {"authors": "Kim, A.; Ruiz, B."}),
        (PREPRINT | {"title": "Tea", "abstract": TEXT}, REPORT | {"abstract": TEXT}),
        # The number of a talk in the programme of its meeting.
        (TALK | {"title": f"OP0123 {TITLE.upper()}"}, REPORT),
        (TALK | {"title": f"1045P {TITLE}: first results"}, REPORT),
        (TALK | {"title": f"Abstract P3-14-02: {TITLE}"}, REPORT),
        (TALK | {"title": f"123. {TITLE}"}, REPORT),
        (TALK | {"title": f"P-123 {TITLE}"}, TALK | {"title": f"{TITLE} (Abstract 2045)"}),
        (REPORT | {"title": f"P1-123: Effect of {TITLE}"}, REPORT),
        # What says that it follows another.
        (REPORT, REPORT | {"title": f"{TITLE}: two-year follow-up of a randomised trial"}),
        (REPORT, REPORT | {"title": f"{TITLE}: a secondary analysis of a randomised trial"}),
        (REPORT, REPORT | {"title": f"{TITLE}: 5-year results"}),
        (
            REPORT | {"title": f"{TITLE}: 12-month results"},
            REPORT | {"title": f"{TITLE}: 24-month results"},
        ),
        (REPORT, REPORT | {"title": f"Long-term outcomes of {TITLE}"}),
        (REPORT, REPORT | {"title": f"{TITLE}: an open-label extension"}),
        (REPORT | {"title": f"{TITLE}: first results", "pages": "S45"}, REPORT),
        (REPORT | {"title": f"{TITLE}: first results", "type": "Thesis"}, REPORT),
        # What was found by another word.
        (
            TALK | {"title": f"Effect of {TITLE}"},
            REPORT | {"title": f"Efficacy of {TITLE} versus usual care"},
        ),
        (ENTRY, REPORT),
        (REPORT | {"title": "Moss tea"}, PREPRINT | {"title": "Moss Tea."}),
    ],
)
def test_reports_that_tell_the_same_as_two_studies_may_share_patients(one, other):
    assert told(one, other) == told(other, one) == [("likely", "retold")]
    assert told(one, other, named=[("r0", "NCT97000021"), ("r1", "NCT97000021")]) == [
        ("certain", "named-number retold")
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"{TITLE}: part I", f"{TITLE}: part II"),
        (f"12 weeks of {TITLE}", f"24 weeks of {TITLE}"),
        (f"ACT-1: long-term follow-up of {TITLE}", f"ACT-2: {TITLE}"),
        (f"Long-term follow-up of {TITLE} of Elm", f"{TITLE} of Oak"),
        (f"BREEZE-1: {TITLE}", f"BREEZE-2: {TITLE}"),
        (f"ACT-1: {TITLE}", f"ACT-2: {TITLE}"),
        (f"IL-6 and {TITLE}", f"TNF-2 and {TITLE}"),
        (f"P-123 {TITLE}: part I", f"{TITLE}: part II"),
        (f"{TITLE}: a phase 2 trial", f"{TITLE}: a phase 3 trial"),
        (f"{TITLE} of Elm", f"{TITLE} of Oak"),
        ("Moss tea for hay fever", "Moss tea for hay fever and cough in schools of two towns"),
        ("Moss tea", "Moss tea for hay fever"),
    ],
)
@pytest.mark.parametrize("kind", [REPORT, PREPRINT, TALK])
def test_parts_times_and_cohorts_of_one_group_are_no_pair(one, other, kind):
    assert told(kind | {"title": one}, REPORT | {"title": other}) == []


def test_other_people_other_days_and_other_numbers_of_a_register_are_no_pair():
    assert told(PREPRINT, REPORT | {"authors": "Olsen, Per; Berg, Eva"}) == []
    assert told(REPORT | {"title": "Tea for colds", "authors": ""}, TALK | {"title": "Tea"}) == []
    assert told(PREPRINT, REPORT, YEARS) == []
    assert told(PREPRINT, REPORT, (YEARS[0], {})) == [("likely", "retold")]
    twins = [("r0", "NCT97000021"), ("r1", "NCT97000022")]
    assert told(ENTRY, ENTRY, named=twins) == []
    # one report of both is one sign
    assert told(REPORT, REPORT, ({}, {"records": "r0 r1"})) == [("likely", "report")]
    # articles whose titles are nearly the same are told apart by people
    assert told(REPORT, REPORT | {"title": f"{TITLE}: a cost analysis"}) == []


@pytest.mark.parametrize(
    ("one", "other", "pair"),
    [
        ("Elmland Register 97-0012", "ELMLAND REGISTER 970012", True),
        ("NL9701", "NTR9702; NL9701", True),
        ("registered in 2015", "registered in 2015", False),
        ("not registered", "not registered", False),
    ],
)
def test_one_number_of_whatever_register_is_of_one_trial(one, other, pair):
    lees = REPORT | {"title": "Moss soup for colds", "authors": "Olsen, Per"}
    of = ({"registration": one}, {"registration": other})
    assert told(REPORT, lees, of) == ([("certain", "registration")] if pair else [])
