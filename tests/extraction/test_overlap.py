"""Pairs of studies that may have patients in common, and what people answer to warnings."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta import tables
from livingmeta.extraction import overlap, sentinel
from livingmeta.extraction import studies as of_studies
from livingmeta.tables import TableError

NONE = tables.empty("screening/registrations"), tables.empty("screening/records")
NOTHING = tables.empty("extraction/outcomes"), tables.empty("extraction/problems")


def answers(*rows):
    columns = ("kind", "what", "decision", "reason")
    day = {"correction": "", "missed": ""}
    told = [(*row, day.get(row[0], "2026-01-10"), i) for i, row in enumerate(rows, 2)]
    return pd.DataFrame(told, columns=[*columns, "decided_on", "row"])


def found(*studies, told=(), rest=NOTHING, named=()):
    table = pd.DataFrame(
        [{"study_id": f"s{i}", "status": "included"} | s for i, s in enumerate(studies)]
    )
    table = table.fillna("")
    numbers = pd.DataFrame(list(named), columns=["record_id", "number"])
    pairs = overlap.pairs(table, *rest, answers(*told), numbers, NONE[1])
    return [tuple(row) for row in pairs[["study_id", "other", "grade", "signs"]].to_numpy()]


def at(centre, start="", end="", **more):
    return {"centre": centre, "enrolled_from": start, "enrolled_to": end} | more


PAIR = ("s0", "s1")
TOWN = "St Anne's Hospital, Mosstown"


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        (
            at(TOWN, "2001", "2005"),
            at("Hospital of St. Anne, Mosstown", "2005-06", "2009"),
            ("likely", "centre"),
        ),
        (at(TOWN, "2001", "2005"), at(TOWN, "2006-01", "2009"), None),
        (at(TOWN, "May 2005", "2005"), at(TOWN, "2001", "March 2005"), None),
        (at(TOWN, "May 2005", "2005"), at(TOWN, "2001", "June 2005"), ("likely", "centre")),
        (at(TOWN, "2001", "2005"), at(TOWN), ("possible", "centre-undated")),
        (at(TOWN), at("Hospital of Fernhill"), None),
        (at("University Hospital"), at("University hospital"), None),  # names no house
        (at("Hôpital de Genève"), at("Hopital, Geneve"), ("possible", "centre-undated")),
        (at("大阪病院"), at("大阪病院"), ("possible", "centre-undated")),
        (
            at("multicentre (Mosstown and six others)", "2000", "2010"),
            at("Clinic, Mosstown", "2009", "2012"),
            ("possible", "part-of"),
        ),
        (
            at("multicentre (Mosstown and six others)", "2000", "2008"),
            at("Clinic, Mosstown", "2009", "2012"),
            None,
        ),
        (
            at("3 hospitals of Mosstown"),
            at("multicentre: Mosstown, Fernhill"),
            None,
        ),  # a town alone
        (at("4 centres: Elm, Oak"), at("multicentre: Oak, Elm, Ash"), ("possible", "part-of")),
        (at("Oak University, Elm"), at("Oak University"), ("possible", "part-of")),
        (
            {"registration": "NCT01234567; ISRCTN12345678"},
            {"registration": "isrctn 12345678"},
            ("certain", "registration"),
        ),
        ({"records": "doi:10.5/a pmid:1"}, {"records": "pmid:1"}, ("likely", "report")),
        (
            at(TOWN, "2001", "2002", records="pmid:1"),
            at(TOWN, "2001", "2002", records="pmid:1"),
            ("certain", "report centre"),
        ),
        ({"overlap": "s1, s9"}, {}, ("possible", "noted")),
        ({"overlap": ""}, {"overlap": "s0"}, ("possible", "noted")),
        # Comparisons of one trial count their arm once; who is excluded counts nowhere.
        ({"trial": "MOSS", "records": "pmid:1"}, {"trial": "MOSS", "records": "pmid:1"}, None),
        ({"records": "pmid:1"}, {"records": "pmid:1", "status": "excluded"}, None),
        # One house by other letters, or shortened.
        (
            at("Univ. Hosp. Zürich", "2001", "2005"),
            at("University Hospital, Zuerich", "2004", "2006"),
            ("likely", "centre"),
        ),
        (
            at("Szpital w Łomży", "2001", "2005"),
            at("SZPITAL W LOMZY", "2004", "2006"),
            ("likely", "centre"),
        ),
        (
            at("Aarhus and Tromsø", "2001", "2005"),
            at("Tromso, Århus", "2004", "2006"),
            ("likely", "centre"),
        ),
        (
            at("MGH, Boston", "2001", "2005"),
            at("Mosstown General Hospital", "2004", "2006"),
            ("possible", "part-of"),
        ),
        # Other houses of one town.
        (at("University Hospital, Elm", "2001", "2005"), at("Elm City Hospital", "2004"), None),
        (
            at("First Affiliated Hospital of Elm Medical University", "2001", "2005"),
            at("Second Affiliated Hospital, Elm Medical University", "2001", "2005"),
            None,
        ),
        (at("Elm Cancer Center", "2001"), at("University of Elm"), ("possible", "part-of")),
        # Registries.
        (at("SEER", "2004", "2010"), at("SEER database", "2010", "2015"), ("likely", "centre")),
        (
            at("SEER", "2004", "2010"),
            at("Surveillance, Epidemiology and End Results registries", "2010", "2015"),
            ("possible", "part-of"),
        ),
        (
            at("National Cancer Database", "2004", "2010"),
            at("National Cancer Data Base (NCDB)", "2006", "2015"),
            ("possible", "part-of"),
        ),
        (
            at("Elmland Cancer Registry", "2004", "2010"),
            at("Elmland Trauma Registry", "2004", "2010"),
            None,
        ),
        (
            at("Elmland Cancer Registry", "2004", "2010"),
            at("three large teaching hospitals of Elmland", "2004", "2010"),
            ("possible", "part-of"),
        ),
        (
            at("three academic tertiary referral centres (Elm, Oak)", "2001"),
            at("Clinic, Oak", "2009", "2012"),
            ("possible", "part-of"),
        ),
        # Periods with an open end, and dates with their year last.
        (at(TOWN, "2010"), at(TOWN, "2001", "2005"), None),
        (at(TOWN, "", "2000"), at(TOWN, "2001"), None),
        (at(TOWN, "2003", "ongoing"), at(TOWN, "2001", "2005"), ("likely", "centre")),
        (at(TOWN, "2006"), at(TOWN, "2001"), ("possible", "centre-undated")),
        (at(TOWN, "07/2005", "2009"), at(TOWN, "01/2001", "03/2005"), None),
        (at(TOWN, "15.07.2005", "2009"), at(TOWN, "2001", "31.03.2005"), None),
        (at(TOWN, "7/31/2005", "2009"), at(TOWN, "2001", "3/31/2005"), None),
        (at(TOWN, "03/04/2005", "2009"), at(TOWN, "2001", "2005-02"), ("likely", "centre")),
        (at(TOWN, "2001-2003"), at(TOWN, "2004", "2009"), None),
        (at(TOWN, "2001", "2001-2004"), at(TOWN, "2003", "2009"), ("likely", "centre")),
        (at(TOWN, "May 2001 - June 2004"), at(TOWN, "July 2004", "2009"), None),
    ],
)
def test_what_speaks_for_patients_in_common(one, other, what):
    expected = [] if what is None else [(*PAIR, *what)]
    assert found(one, other) == expected
    if "overlap" not in one | other:  # which names the other study
        assert found(other, one) == expected


def test_equal_arms_that_the_checks_found_are_a_sign():
    rows = {"row": [2, 3, 4], "study_id": ["s0", "s1", "s1"], "outcome": "os", "arm": "a"}
    outcomes = pd.DataFrame(rows)
    problems = pd.DataFrame(
        {"problem_id": ["p", "p", "q"], "check": [*["one arm in two studies"] * 2, "other"],
         "row": pd.array([2, 3, 4], dtype="Int64")}
    )  # fmt: skip
    assert found({}, {}, rest=(outcomes, problems)) == [(*PAIR, "likely", "arms")]


def test_an_answer_stays_with_its_pair_and_a_pair_that_differs_is_shared_no_more():
    studies = pd.DataFrame(
        {"study_id": ["s0", "s1", "s2"], "status": "included", "records": "pmid:1"}
    )
    told = answers(
        ("overlap", "s1 s0", "different", "two wards"), ("overlap", "s0 s2", "keep", "few")
    )
    pairs = overlap.pairs(studies, *NOTHING, told, *NONE)
    assert pairs["answer"].tolist() == ["different", "keep", ""]
    assert pairs["reason"].tolist() == ["two wards", "few", ""]
    assert overlap.shared_with(pairs, studies["study_id"]) == ["s2", "s2", "s0 s1"]


@pytest.mark.parametrize(
    ("decision", "reason", "told", "holds"),
    [
        ("different", "other town", "", False),
        ("different", "two trials of other towns", "", False),
        ("different", "one register number, two strata of it", "", True),
        ("different", "both name NCT01234567, Elm is of the second stage", "", True),
        ("keep", "few", "", True),  # the result without the pair stands beside all the same
        ("different", "other town", "noted", False),
        ("keep", "few", "noted", False),
        ("different", "other town", "registration noted", True),
        ("different", "other town", "with s1, certain: one number of a trial register; noted by "
         "the reviewers in the column overlap; both count in os", True),
        ("different", "other town", "with s1, possible: noted by the reviewers in the column "
         "overlap; both count in os", False),
    ],
)  # fmt: skip
def test_an_answer_holds_for_the_signs_that_were_told(decision, reason, told, holds):
    """One registration, typed after it, is nothing that an older answer can have known."""
    studies = pd.DataFrame({"study_id": ["s0", "s1"], "status": "included", "overlap": ["s1", ""]})
    studies["registration"] = "NCT01234567"
    said = answers(("overlap", "s0 s1", decision, reason)).assign(told=told)
    pair = overlap.pairs(studies, *NOTHING, said, *NONE).iloc[0]
    assert pair["signs"] == "registration noted"
    assert pair["answer"] == (decision if holds else "")
    assert pair["outdated"] == ("" if holds else f"{decision} ({reason})")


SOME = st.fixed_dictionaries(
    {
        "centre": st.sampled_from(
            ["", "Elm", "multicentre (Elm, Oak)", "Oak Clinic", "Ash and Elm"]
        ),
        "enrolled_from": st.sampled_from(["", "2001", "2004-03", "no year"]),
        "enrolled_to": st.sampled_from(["", "2003", "Dec 2006"]),
        "records": st.sampled_from(["", "pmid:1", "pmid:2 pmid:3"]),
        "registration": st.sampled_from(["", "NCT01234567"]),
        "trial": st.sampled_from(["", "MOSS"]),
    }
)


@settings(deadline=None)
@given(st.lists(SOME, min_size=2, max_size=5), st.randoms())
def test_the_order_of_studies_changes_no_pair(studies, chance):
    table = pd.DataFrame(studies).assign(status="included")
    table["study_id"] = [f"s{i}" for i in range(len(studies))]
    order = list(range(len(studies)))
    chance.shuffle(order)
    one, other = (overlap.pairs(t, *NOTHING, answers(), *NONE) for t in (table, table.iloc[order]))
    assert one.equals(other)


RECORDS = pd.DataFrame(
    {
        "record_id": ["doi:10.5/a", "doi:10.5/b", "doi:10.5/c"],
        "flag": ["retracted", "concern", "preprint"],
        "identifiers": ["doi:10.5/a pmid:1 title:one", "doi:10.5/b title:two", "title:two"],
    }
)
KNOWN = of_studies.by_identifier(RECORDS)  # as the workflow hands it on


STATES = pd.DataFrame(columns=["report", "state", "notice", "source", "seen_on"])


@pytest.mark.parametrize(
    ("notices", "waits"),
    [
        ([("concern", "pmid:8", "2026-01-10")], False),  # the day of the answer
        ([("concern", "pmid:8", "2026-01-05"), ("concern", "pmid:9", "2026-02-01")], True),
        ([("concern", "pmid:8", "2026-01-05"), ("concern", "pmid:8", "2026-02-01")], False),
        ([("concern", "", "2026-01-05"), ("concern", "", "2026-02-01")], True),
        ([("corrected", "pmid:9", "2026-02-01")], False),  # another question
    ],
)
def test_an_answer_to_a_notice_holds_for_those_that_were_told_until_its_day(notices, waits):
    studies = pd.DataFrame({"records": ["doi:10.5/b"]})
    told = answers(("concern", "doi:10.5/b", "keep", "why"))
    states = pd.DataFrame(notices, columns=["state", "notice", "seen_on"])
    states = states.assign(report="doi:10.5/B", source="PubMed")
    flags = sentinel.flagged(studies, RECORDS, told, states, KNOWN)
    assert flags["flag_kept"].tolist() == ["" if waits else "why"]


def test_flags_reach_studies_and_are_kept_only_when_all_are_answered():
    studies = pd.DataFrame({"records": ["doi:10.5/a doi:10.5/b", "doi:10.5/c", "", "doi:10.5/a"]})
    told = answers(("retraction", "PMID:1", "keep", "wording only"))
    flags = sentinel.flagged(studies, RECORDS, told, STATES, KNOWN)
    assert flags["report_flag"].tolist() == ["retracted concern", "", "", "retracted"]
    assert flags["flag_kept"].tolist() == ["", "", "", "wording only"]
    told = answers(("retraction", "doi:10.5/a", "keep", "a"), ("concern", "title:two", "keep", "b"))
    flags = sentinel.flagged(studies, RECORDS, told, STATES, KNOWN)
    assert flags["flag_kept"].tolist() == ["a; b", "", "", "a"]
    # Kept under a concern, and retracted since: that is another question.
    worse = RECORDS.assign(flag="retracted")
    kept = sentinel.flagged(studies, worse, told, STATES, KNOWN)["flag_kept"]
    assert kept.tolist() == ["", "", "", "a"]


@pytest.mark.parametrize(
    "what", ["pmid:1", "PMID: 1", "1", "https://doi.org/10.1000/A", "10.1000/a"]
)
def test_a_report_is_named_as_people_write_identifiers(what):
    records = RECORDS.replace({"record_id": {"doi:10.5/a": "doi:10.1000/a"}})
    records["identifiers"] = records["identifiers"].str.replace("10.5/a", "10.1000/a")
    told, known = answers(("retraction", what, "keep", "why")), of_studies.by_identifier(records)
    sentinel.must_be_known(told, ["s0"], known)
    studies = pd.DataFrame({"records": ["doi:10.1000/a"]})
    assert sentinel.flagged(studies, records, told, STATES, known)["flag_kept"].tolist() == ["why"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("overlap", "s0 s1", "keep", "x"), ("overlap", "s1; s0", "different", "y")),
        (("retraction", "pmid:1", "keep", "x"), ("retraction", "doi:10.5/A", "keep", "y")),
    ],
)
def test_two_answers_to_one_warning_are_refused(one, other):
    with pytest.raises(TableError, match=r"row 3, column what: .* answered in row 2 too"):
        sentinel.must_be_known(answers(one, other), ["s0", "s1"], KNOWN)
    kept = ("concern", "doi:10.5/a", "keep", "x")
    sentinel.must_be_known(answers(kept, ("retraction", "pmid:1", "keep", "y")), ["s0"], KNOWN)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("retraction", "pmid:12", "keep", "x"), "'pmid:12'; no record of the search exports"),
        (("retraction", "pmid:1", "different", "x"), "exclude the report"),
        (("correction", "pmid:1", "keep", "x"), "column decided_on: empty"),
        (("missed", "pmid:1", "keep", "x"), "column decided_on: empty"),
        (("overlap", "s0", "keep", "x"), "two study_ids are wanted"),
        (("overlap", "s0 s0", "keep", "x"), "two study_ids are wanted"),
        (("overlap", "s0 kim-2012", "keep", "x"), "called 'kim-2012' (perhaps kim-2021)"),
    ],
)
def test_answers_about_what_is_not_there_are_refused(row, said):
    with pytest.raises(TableError, match=r"sentinel\.csv, row 2") as error:
        sentinel.must_be_known(answers(row), ["s0", "s1", "kim-2021"], KNOWN)
    assert said in str(error.value)


def test_the_column_overlap_names_studies_or_is_refused():
    named = ["kim-2021; lee-2022,Old", "kim-2022 lee-2022 likely", "", "kim-2021"]
    raw = pd.DataFrame({"study_id": ["s0", "lee-2022", "kim-2021", "Old"], "overlap": named})
    raw["row"] = range(2, 6)
    with pytest.raises(TableError) as error:
        overlap.must_name_studies(raw)
    (problem,) = error.value.problems
    assert "row 3, column overlap: 'kim-2022' (perhaps kim-2021), 'lee-2022', 'likely'; " in problem
    overlap.must_name_studies(raw.assign(overlap=[named[0], "", "", named[3]]))
    overlap.must_name_studies(raw.drop(columns="overlap"))


@pytest.mark.parametrize(
    ("arms", "what"),
    [
        ([("s0", "a"), ("s0", "b"), ("s1", "a/b")], ("likely", "trial")),
        ([("s0", "a"), ("s0", "b"), ("s1", "c"), ("s1", "b")], None),  # they share b
        ([("s0", "a"), ("s0", "b"), ("s1", "a")], None),
    ],
)
def test_the_same_arms_of_one_trial_in_two_studies(arms, what):
    rows = pd.DataFrame([(s, "os", a, i) for i, (s, a) in enumerate(arms, 2)])
    rest = (rows.set_axis(["study_id", "outcome", "arm", "row"], axis=1), NOTHING[1])
    one = {"trial": "MOSS", "registration": "NCT97000021"}
    assert found(one, one, rest=rest) == ([(*PAIR, *what)] if what else [])
    answered = found(one, one, rest=rest, told=[("overlap", "s0 s1", "different", "men, women")])
    assert len(answered) == bool(what)


@pytest.mark.parametrize(
    ("one", "other", "named", "what"),
    [
        ({}, {}, [("r0", "NCT97000021"), ("r1", "NCT97000021")], ("likely", "named-number")),
        ({}, {}, [("r0", "NCT97000021"), ("r1", "NCT97000022")], None),
        ({}, {}, [("r0", "NCT97000021")], None),
        # What people gave of one is held against what the other's report names.
        ({"registration": "NCT97000021"}, {}, [("r1", "NCT97000021")], ("likely", "named-number")),
        ({"registration": "NCT97000022"}, {}, [(f"r{i}", "NCT97000021") for i in (0, 1)], None),
        # People gave both: a report may name another trial, such as the one it goes on from.
        (
            {"registration": "NCT97000022"},
            {"registration": "NCT97000021"},
            [(f"r{i}", "NCT97000021") for i in (0, 1)],
            None,
        ),
        # One report of both names its numbers for both, and says nothing beside being one.
        ({}, {"records": "r0"}, [("r0", "NCT97000021")], ("likely", "report")),
        (
            at(TOWN, "2001", "2005"),
            at(TOWN, "2001", "2005"),
            [(f"r{i}", "NCT97000021") for i in (0, 1)],
            ("certain", "named-number centre"),
        ),
        ({"trial": "T"}, {"trial": "T"}, [(f"r{i}", "NCT97000021") for i in (0, 1)], None),
    ],
)
def test_a_number_that_reports_name_where_nobody_gave_the_registration(one, other, named, what):
    pair = found({"records": "r0"} | one, {"records": "r1"} | other, named=named)
    assert pair == ([(*PAIR, *what)] if what else [])
