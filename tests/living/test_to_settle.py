"""The list of what waits for people: each kind is found where it stands, and nowhere else."""

import pandas as pd
import pytest

import settle
from livingmeta import tables
from livingmeta.extraction import settled
from livingmeta.living import to_settle
from livingmeta.words import guard_rails, settling

SEARCH = {"file": "a.ris", "searched_on": "2026-01-01", "hits": 1, "read": 1, "rejected": 0}
RECORD, STUDY = "doi:10.5555/a", "ahn-2015"
OUTCOMES = "data/raw/extraction/outcomes.csv"


def row(schema, **cells):
    """A row of a table; text is empty and the rest missing where not given."""
    contract = tables.schema(schema)["columns"]
    blank = {name: "" if rule["type"] == "string" else None for name, rule in contract.items()}
    return blank | cells


def whole(**rows):
    """Every table that the list is made from, with these rows and else empty."""
    found = {}
    for schema in settle.TABLES:
        name = schema.partition("/")[2]
        given = [row(schema, **cells) for cells in rows.get(name, [])]
        found[name] = pd.DataFrame(given) if given else tables.empty(schema)
    if "searches" not in rows:
        found["searches"] = pd.DataFrame([row("screening/searches", **SEARCH)])
    return found


def printed(number, value, **more):
    cells = {"study_id": STUDY, "outcome": "os", "arm": "drug", "statistic": "survival"}
    return cells | {"time": 24.0, "row": number, "value": value, "printed": f"{value}%"} | more


ASKED = {"os": {"outcome": "os", "arms": ["drug", "none"]}}
INCLUDED = {"study_id": STUDY, "status": "included", "label": "Ahn"}
HAS = {
    "effects": [{"study_id": STUDY, "synthesis": "os"}],
    "risk_of_bias": [{"study_id": STUDY, "tool": "RoB 2"}],
}
# Of each kind: the tables that hold it, and what the list says of it.
CASES = {
    "nothing-searched": ({"searches": []}, {"file": "data/raw/searches", "what": "no export"}),
    "undecided-record": (
        {"awaiting": [{"record_id": RECORD, "stage": "full-text", "state": "unsure"}]},
        {"record": RECORD, "what": "full text: more must be read"},
    ),
    "conflict-of-reviewers": (
        {"conflicts": [{"record_id": RECORD, "stage": "full-text", "votes": "a: x; b: {y}"}]},
        {"record": RECORD, "what": "full text: a: x; b: {y}"},
    ),
    "decision-without-record": (
        {
            "unmatched": [
                {
                    "row": 9,
                    "record": "pmid:1",
                    "stage": "title-abstract",
                    "reviewer": "kim",
                    "decision": "include",
                    "perhaps": "pmid:11",
                }
            ]
        },
        {"record": "pmid:1", "rows": "9", "what": "title and abstract: kim says include, and no"},
    ),
    "doubtful-duplicate": (
        {"doubtful": [{"record_id": "pmid:1", "duplicate_of": RECORD, "rule": "same title"}]},
        {"record": "pmid:1", "what": f"perhaps the same report as {RECORD}: same title"},
    ),
    "rejected-entry": (
        {"rejects": [{"file": "a.ris", "line": 7, "reason": "no title"}]},
        {"file": "data/raw/searches/a.ris", "rows": "7", "what": "no title"},
    ),
    "hits-unlike-records": (
        {
            "searches": [
                {"file": "a.ris", "searched_on": "2026-01-01", "hits": 9, "read": 7, "rejected": 1},
                {"file": "b.ris", "searched_on": "2026-01-01", "hits": 9, "read": 8, "rejected": 1},
            ]
        },
        {"file": "data/raw/searches/a.ris", "what": "said 9 hits, the file holds 8"},
    ),
    "unnamed-export": (
        {"searches": [{"file": "a.ris", "searched_on": "", "read": 7, "rejected": 1}]},
        {"file": "data/raw/searches/a.ris", "cure": "searches.csv"},
    ),
    "retracted-report": (
        {
            "records": [
                {"record_id": RECORD, "flag": "retracted"},
                {"record_id": "pmid:1", "flag": "retracted"},
                {"record_id": "pmid:2", "flag": "preprint"},
            ],
            "included": [{"record_id": r, "study_id": STUDY} for r in (RECORD, "pmid:2")],
        },
        {"record": RECORD, "what": "retracted, and yet included"},
    ),
    "report-without-study": (
        {"included": [{"record_id": RECORD}, {"record_id": "pmid:2", "study_id": STUDY}]},
        {"record": RECORD, "file": "data/raw/extraction/studies.csv"},
    ),
    "study-not-screened": (
        {"studies": [{"study_id": STUDY, "status": "not-screened"}]},
        {"study_id": STUDY},
    ),
    "printed-twice": (
        {
            "outcomes": [
                printed(2, 62.5),
                printed(3, 70.0),
                printed(4, 70.0, time=None),
                printed(5, 1.0, arm="none"),
                printed(6, 2.0, adjusted="matched"),
                printed(7, 3.0, part="men"),
            ]
        },
        {"rows": "2, 3", "what": "survival of drug on os at 24: 62.5% and 70.0%"},
    ),
    "conflict-of-extractors": (
        {
            "outcomes": [
                printed(2, 62.5, extractor="kim"),
                printed(3, 62.6, extractor="ann"),
                # Read alike, and settled by consensus.
                printed(4, 1.0, extractor="kim", arm="none"),
                printed(5, 1.0, extractor="ann", arm="none"),
                printed(6, 1.0, extractor="kim", time=12.0),
                printed(7, 2.0, extractor="ann", time=12.0),
                printed(8, 2.0, extractor="Consensus", time=12.0),
                # What one leaves out contradicts nobody.
                printed(9, 3.0, extractor="kim", time=6.0, n=40),
                printed(10, 3.0, extractor="ann", time=6.0),
            ]
        },
        {"rows": "2, 3", "what": "62.5% by kim and 62.6% by ann"},
    ),
    "routes-disagree": (
        {"disagreements": [{"synthesis": "os", "study_id": STUDY, "message": "far apart"}]},
        {"study_id": STUDY, "what": "os: far apart"},
    ),
    # Named though the study gives another synthesis its effect.
    "parts-undecided": (
        {
            "studies": [INCLUDED],
            **HAS,
            "unusable": [
                {
                    "synthesis": "pfs",
                    "study_id": STUDY,
                    "reason": f"{settling.ONLY_OF_PARTS}men: median a 24 (row 5, turned round), "
                    "women: median a 12 (row 2)",
                    "unsettled": True,
                },
                {"synthesis": "pfs", "study_id": "b", "reason": "no mean (row 9)"},
            ],
        },
        {"study_id": STUDY, "rows": "5, 2", "what": "pfs: only of parts, and nobody says which"},
    ),
    "shared-arm": (
        {
            "studies": [INCLUDED],
            **HAS,
            "unusable": [
                {"synthesis": "pfs", "study_id": name, "reason": reason, "unsettled": True}
                for name, reason in (
                    (STUDY, f"{settling.SHARED_ARM}a and b: none is not the same (row 5, row 7)"),
                    ("b", f"{settling.SHARED_ARM}a and b: none is not the same (row 5, row 7)"),
                    ("c", f"{settling.COUNTED_WITH}c and d are one effect, named c"),
                )
            ],
        },
        {
            "study_id": STUDY,
            "what": "a and b: pfs: none is not the same (row 5, row 7)",
            "cure": "join makes one effect of the comparisons, share divides the group",
        },
    ),
    "clusters-not-accounted": (
        {
            "studies": [INCLUDED],
            "risk_of_bias": HAS["risk_of_bias"],
            "effects": [
                {
                    "synthesis": name,
                    "study_id": STUDY,
                    "assumed": f"balanced; {settling.AS_PRINTED}no icc in studies.csv",
                }
                for name in ("os", "pfs")
            ],
        },
        {"study_id": STUDY, "what": "os, pfs: clusters not accounted for: no icc", "cure": "icc"},
    ),
    "pairs-not-accounted": (
        {
            "studies": [INCLUDED],
            "risk_of_bias": HAS["risk_of_bias"],
            "effects": [
                {
                    "synthesis": "pain",
                    "study_id": STUDY,
                    "assumed": f"{settling.AS_PARALLEL}no correlation in studies.csv",
                },
                {"synthesis": "os", "study_id": STUDY, "assumed": "balanced"},
            ],
        },
        {"study_id": STUDY, "what": "pain: patients in both arms", "cure": "correlation"},
    ),
    "study-without-effect": (
        {
            "studies": [INCLUDED, {"study_id": "b", "status": "awaiting"}],
            "risk_of_bias": HAS["risk_of_bias"],
            "unusable": [
                {"synthesis": "os", "study_id": STUDY, "reason": "nothing printed"},
                {"synthesis": "pfs", "study_id": STUDY, "reason": "nothing printed"},
                {"synthesis": "pfs", "study_id": "b", "reason": "nothing printed"},
            ],
            "outcomes": [printed(4, 1.0), printed(5, 1.0, arm="none")],
        },
        {"study_id": STUDY, "rows": "4, 5", "what": "nothing printed (os, pfs)"},
    ),
    "arm-without-numbers": (
        {
            "studies": [INCLUDED],
            **HAS,
            "unusable": [{"synthesis": "os", "study_id": STUDY, "reason": "no survival of none"}],
            "outcomes": [
                printed(4, 1.0),
                printed(5, 1.0, outcome="pfs"),
                printed(6, 1.0, outcome="pfs", arm="none"),
            ],
        },
        {"study_id": STUDY, "rows": "4", "what": "os: numbers of drug, none of none, which"},
    ),
    "analysis-not-done": (
        {
            "decisions": [
                {
                    "synthesis": "os",
                    "model": model,
                    "parameters": '{"column": "site"}',
                    "rule": "no-column-for-subgroups",
                }
                for model in ("REML", "DL")
            ]
        },
        {"what": "os: subgroups by site; no study has the column site; not done"},
    ),
    "analysis-held-back": (
        {
            "decisions": [
                {
                    "synthesis": "os",
                    "rule": "subgroups-held-back",
                    "parameters": '{"column": "site", "reason": "two-no-subgroups"}',
                }
            ]
        },
        {"what": "os: subgroups by site held back; two studies cannot be divided; not done"},
    ),
    "study-without-risk-of-bias": (
        {"studies": [INCLUDED], "effects": HAS["effects"]},
        {"study_id": STUDY},
    ),
    "synthesis-without-certainty": (
        {
            "pooled": [
                {"synthesis": "os", "primary": True},
                {"synthesis": "pfs", "primary": True},
                {"synthesis": "none", "primary": False},
            ],
            "certainty": [{"synthesis": "pfs"}],
        },
        {"what": "os: no judgement"},
    ),
    "printed-misfit": (
        {
            "problems": [
                {
                    "severity": severity,
                    "study_id": STUDY,
                    "row": "4",
                    "check": "size",
                    "message": "too many",
                    "value": "9",
                    "expected": "8",
                }
                for severity in ("warning", "note")
            ]
        },
        {"rows": "4", "what": "warning, size: too many (found 9, expected 8)"},
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_each_kind_is_found_where_it_stands_and_nothing_else(kind):
    rows, said = CASES[kind]
    found = to_settle.everything(whole(**rows), [], ASKED)
    assert found["kind"].tolist() == [kind]
    for column, text in said.items():
        assert text in found[column][0], column
    assert found["weight"][0] == settling.OF[kind].weight


def test_every_kind_has_a_case_words_and_a_place_in_the_closed_list():
    codes = [kind.code for kind in settling.KINDS]
    assert {*CASES, "unread-file"} == set(codes)
    assert tables.schema("to_settle")["columns"]["kind"]["allowed"] == codes
    assert all(kind.one != kind.many for kind in settling.KINDS)
    assert {*to_settle.NOT_DONE, *to_settle.HELD_BACK} <= set(guard_rails.codes())


@pytest.mark.parametrize(
    ("kind", "rows", "said"),
    [
        ("conflict-of-extractors", [{"n": 40}, {"n": 45}], "8% of 40 by kim and 8% of 45 by ann"),
        (
            "conflict-of-extractors",
            [{"ci_low": 4.0}, {"ci_low": 5.0}],
            "at 24: 8% by kim and 8% by ann",
        ),
        (
            "conflict-of-extractors",
            [{"adjusted": "matched"}, {"time": 24.4}],
            "on os: 8% by kim [adjusted: matched, time: 24] and 8% by ann [adjusted: not said, "
            "time: 24.4]",
        ),
        ("printed-twice", [{"n": 40}, {"n": 45}, {}], "8% of 40, 8% of 45 and 8%"),
        ("printed-twice", [{"se": 4.0}, {"se": 0.4}], "8% SE 4 and 8% SE 0.4"),
        (
            "printed-twice",
            [{"se": 4.0, "printed": "8% (SE 4)"}, {"se": 0.4, "printed": "8% (SE 0.4)"}],
            ": 8% (SE 4) and 8% (SE 0.4)",
        ),
        (
            "printed-twice",
            [{"statistic": "mean", "sd": 4.0}, {"statistic": "sd"}],
            "mean 8% SD 4 and sd 8%",
        ),
        (
            "printed-twice",
            [{"statistic": "mortality"}, {}],
            "mortality of drug on os at 24: mortality 8% and survival 8%",
        ),
    ],
)
def test_rows_of_one_cell_differ_in_their_patients_and_limits_too(kind, rows, said):
    names = ["kim", "ann"] if kind == "conflict-of-extractors" else ["kim"] * len(rows)
    cells = [
        printed(number, 8, extractor=name, **more)
        for number, (name, more) in enumerate(zip(names, rows, strict=True), start=2)
    ]
    found = to_settle.everything(whole(outcomes=cells), [], ASKED)
    assert found["kind"].tolist() == [kind]
    assert said in found["what"][0]


def test_values_that_one_synthesis_makes_one_effect_of_wait_where_another_leaves_them_out():
    cells = [
        printed(row, value, arm="drug/none", statistic="hazard-ratio", time=None)
        for row, value in ((2, 0.5), (3, 0.9))
    ]
    used = [{"synthesis": "several", "study_id": STUDY, "used": True, "row": row} for row in (2, 3)]
    given = {"outcomes": cells, "studies": [INCLUDED], **HAS, "used": used}
    assert to_settle.everything(whole(**given), [], ASKED).empty
    words = settled.clashes(whole(**given)["outcomes"].to_dict("records"))[0].words
    aside = {"unusable": [{"synthesis": "os", "study_id": STUDY, "reason": words}]}
    told = {"effects": [HAS["effects"][0] | {"assumed": f"p is one-sided; not used: {words}"}]}
    for left_out in (aside, told):
        found = to_settle.everything(whole(**given | left_out), [], ASKED)
        assert found[["kind", "rows"]].to_numpy().tolist() == [["printed-twice", "2, 3"]]


@pytest.mark.parametrize(
    "more",
    [
        {"arm": "none", "outcome": "os"},  # it has numbers of the other arm, though not usable ones
        {"arm": "drug/none", "outcome": "os"},
        {"arm": "drug", "outcome": "pfs"},  # a series of one arm, which nobody can compare
    ],
)
def test_an_arm_is_missed_only_where_the_study_has_it_elsewhere(more):
    rows, _ = CASES["arm-without-numbers"]
    last = rows["outcomes"][-1] | more
    given = rows | {"outcomes": [*rows["outcomes"][:-1], last]}
    assert to_settle.everything(whole(**given), [], ASKED).empty
    alone = {"os": ASKED["os"] | {"arms": ["drug"]}}
    assert to_settle.everything(whole(**rows), [], alone).empty


def test_a_study_that_no_synthesis_takes_is_without_an_effect():
    found = to_settle.everything(whole(studies=[INCLUDED], **HAS | {"effects": []}), [], ASKED)
    assert found["what"].tolist() == ["no synthesis of the protocol takes it"]


def test_a_study_of_a_pooled_curve_has_its_effect_and_one_without_an_interval_says_why():
    given = {"studies": [INCLUDED], **HAS | {"effects": []}}
    interval = {"study_id": STUDY, "synthesis": "curve", "share": 0.5}
    assert to_settle.everything(whole(**given, intervals=[interval]), []).empty
    none = {"study_id": STUDY, "synthesis": "curve", "reason": "no number of patients"}
    found = to_settle.everything(whole(**given, intervals=[none]), [])
    assert found["what"].tolist() == ["no number of patients (curve)"]


def test_files_that_nobody_reads_are_named_and_a_near_name_with_them():
    raw = "data/raw/"
    known = SEARCH | {"strategy": "strategies/a.txt"}
    read = [
        *("README.md", "searches/searches.csv", "searches/2026/a.ris", "searches/README.txt"),
        *("searches/strategies/a.txt", "screening/decisions.csv", "extraction/outcomes.csv"),
        *("screening/asreview/x.csv", "extraction/curves/a.b.c.csv"),
    ]
    unread = ["searches/strategies/b.txt", "extraction/risk-of-bias.csv", "extraction/x.pdf"]
    unread += ["fulltexts/1.pdf", "fulltexts/2.pdf", "outcomes.csv"]
    found = to_settle.everything(
        whole(searches=[known]), [raw + name for name in read + unread], ASKED
    )
    assert set(found["kind"]) == {"unread-file"}
    said = dict(zip(found["file"], found["what"], strict=True))
    assert set(said) == {raw + name for name in unread if "/1" not in name and "/2" not in name} | {
        "data/raw/fulltexts"
    }
    meant = "perhaps data/raw/extraction/risk_of_bias.csv was meant"
    assert meant in said[raw + "extraction/risk-of-bias.csv"]
    assert "meant" not in said[raw + "extraction/x.pdf"]


def test_the_list_holds_to_its_schema(tmp_path):
    everything = {}
    for rows, _ in CASES.values():
        for name, cells in rows.items():
            everything.setdefault(name, []).extend(cells)
    found = to_settle.everything(whole(**everything), ["data/raw/x.csv"], ASKED)
    tables.write(found, tmp_path / "to_settle.csv", "to_settle")
    read = tables.read(tmp_path / "to_settle.csv", "to_settle")
    order = [kind.code for kind in settling.KINDS]
    assert list(dict.fromkeys(read["kind"])) == [k for k in order if k in set(read["kind"])]
    assert found["what"].tolist() == read["what"].tolist()


def test_two_values_that_a_synthesis_uses_together_wait_for_nobody():
    # Two extractors read both, a row of each is used; a rebuilt curve has no row.
    rows = [
        printed(2, 0.2, extractor="kim"),
        printed(3, 0.6, extractor="kim"),
        printed(4, 0.2, extractor="ann"),
        printed(5, 0.6, extractor="ann"),
    ]
    of = {"study_id": STUDY, "synthesis": "os", "used": True}
    used = [of | {"row": 2}, of | {"row": 3}, of]
    tables_ = whole(outcomes=rows)
    assert to_settle.everything(tables_, [], ASKED)["rows"].tolist() == ["2, 3", "4, 5"]
    found = whole(outcomes=rows, used=used)
    found["used"]["row"] = found["used"]["row"].astype("Int64")
    assert to_settle.everything(found, [], ASKED).empty
