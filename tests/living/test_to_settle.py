"""The list of what waits for people: each kind is found where it stands, and nowhere else."""

import pytest

from living.waiting_cases import ASKED, CASES, HAS, INCLUDED, NAMED, SEARCH, STUDY, printed, whole
from livingmeta import tables, taken
from livingmeta.extraction import settled
from livingmeta.living import to_settle, to_settle_screening
from livingmeta.words import guard_rails, settling


@pytest.mark.parametrize("kind", CASES)
def test_each_kind_is_found_where_it_stands_and_nothing_else(kind):
    rows, said = CASES[kind]
    found = to_settle.everything(whole(**rows), [], ASKED, {}, named=NAMED)
    assert found["kind"].tolist() == [kind]
    for column, text in said.items():
        assert text in found[column][0], column
    assert found["weight"][0] == settling.OF[kind].weight


def test_every_kind_has_a_case_words_and_a_place_in_the_closed_list():
    codes = [kind.code for kind in settling.KINDS]
    assert {*CASES, "unread-file", "reporting-owed", *taken.unsaid({})} == set(codes)
    assert tables.schema("to_settle")["columns"]["kind"]["allowed"] == codes
    assert all(kind.one != kind.many and "{" not in kind.cure for kind in settling.KINDS)
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
    found = to_settle.everything(whole(outcomes=cells), [], ASKED, {})
    assert found["kind"].tolist() == [kind]
    assert said in found["what"][0]


def test_values_that_one_synthesis_makes_one_effect_of_wait_where_another_leaves_them_out():
    cells = [
        printed(row, value, arm="drug/none", statistic="hazard-ratio", time=None)
        for row, value in ((2, 0.5), (3, 0.9))
    ]
    used = [{"synthesis": "several", "study_id": STUDY, "used": True, "row": row} for row in (2, 3)]
    given = {"outcomes": cells, "studies": [INCLUDED], **HAS, "used": used}
    assert to_settle.everything(whole(**given), [], ASKED, {}).empty
    words = settled.clashes(whole(**given)["outcomes"].to_dict("records"))[0].words
    aside = {"unusable": [{"synthesis": "os", "study_id": STUDY, "reason": words}]}
    told = {"effects": [HAS["effects"][0] | {"assumed": f"p is one-sided; not used: {words}"}]}
    for left_out in (aside, told):
        found = to_settle.everything(whole(**given | left_out), [], ASKED, {})
        assert found[["kind", "rows"]].to_numpy().tolist() == [["printed-twice", "2, 3"]]


def _forgotten(**more):
    """The case of an outcome without an effect, its tables changed by `more`."""
    return CASES["outcome-without-effect"][0] | more


@pytest.mark.parametrize(
    "more",
    [
        {"effects": [{"study_id": STUDY, "synthesis": name} for name in ("os-later", "pfs")]},
        {"outcomes": [printed(4, 1.0), printed(5, 1.0, outcome="pfs")]},  # a series of one arm
        {"outcomes": [printed(5, 1.0, outcome="pfs"), printed(6, 1.0, outcome="pfs", arm="none")]},
        {"studies": [INCLUDED | {"status": "awaiting"}]},
        {
            "unusable": [
                {"synthesis": "os", "study_id": STUDY, "reason": f"{settling.COUNTED_WITH}a and b"}
            ]
        },
    ],
)
def test_an_outcome_waits_only_where_its_arms_are_there_and_nothing_is_had_of_it(more):
    asked = {"os": ASKED["os"], "os-later": ASKED["os"]}
    assert to_settle.everything(whole(**_forgotten()), [], asked, {})["kind"].tolist() == [
        "outcome-without-effect"
    ]
    assert to_settle.everything(whole(**_forgotten(**more)), [], asked, {}).empty


def test_a_forgotten_sd_waits_and_so_do_parts_of_an_arm():
    reason = "mean of none 25.5 without SD, SE or CI (row 6)"
    rows = [printed(5, 1.0, arm="low"), printed(6, 1.0, arm="none")]
    unusable = [{"synthesis": "os", "study_id": STUDY, "reason": reason}]
    given = _forgotten(outcomes=rows, unusable=unusable)
    found = to_settle.everything(whole(**given), [], ASKED, {"drug": ["low", "high"]})
    assert found[["kind", "rows"]].to_numpy().tolist() == [["outcome-without-effect", "5, 6"]]
    assert reason in found["what"][0]


def test_a_study_that_no_synthesis_takes_is_without_an_effect():
    found = to_settle.everything(whole(studies=[INCLUDED], **HAS | {"effects": []}), [], ASKED, {})
    assert found["what"].tolist() == ["no synthesis of the protocol takes it"]


def test_a_study_of_a_pooled_curve_has_its_effect_and_one_without_an_interval_says_why():
    given = {"studies": [INCLUDED], **HAS | {"effects": []}}
    interval = {"study_id": STUDY, "synthesis": "curve", "share": 0.5}
    assert to_settle.everything(whole(**given, intervals=[interval]), [], ASKED, {}).empty
    none = {"study_id": STUDY, "synthesis": "curve", "reason": "no number of patients"}
    found = to_settle.everything(whole(**given, intervals=[none]), [], ASKED, {})
    assert found["what"].tolist() == ["no number of patients (curve)"]


def test_files_that_nobody_reads_are_named_and_a_near_name_with_them():
    raw = "data/raw/"
    known = SEARCH | {"strategy": "strategies/a.txt"}
    read = [
        *("README.md", "searches/searches.csv", "searches/2026/a.ris", "searches/README.txt"),
        *("searches/strategies/a.txt", "screening/decisions.csv", "extraction/outcomes.csv"),
        *("screening/asreview/x.csv", "extraction/curves/a.b.c.csv"),
        *(
            "screening/rayyan/all.csv",
            "screening/decisions-kim (1).csv",
            "screening/duplicates-kim.csv",
        ),
    ]
    unread = ["searches/strategies/b.txt", "extraction/risk-of-bias.csv", "extraction/x.pdf"]
    unread += ["papers/1.pdf", "papers/2.pdf", "outcomes.csv"]
    found = to_settle.everything(
        whole(searches=[known]), [raw + name for name in read + unread], ASKED, {}
    )
    assert set(found["kind"]) == {"unread-file"}
    said = dict(zip(found["file"], found["what"], strict=True))
    assert set(said) == {raw + name for name in unread if "/1" not in name and "/2" not in name} | {
        "data/raw/papers"
    }
    meant = "perhaps data/raw/extraction/risk_of_bias.csv was meant"
    assert meant in said[raw + "extraction/risk-of-bias.csv"]
    assert "meant" not in said[raw + "extraction/x.pdf"]


def test_the_list_holds_to_its_schema(tmp_path):
    everything = {}
    for rows, _ in CASES.values():
        for name, cells in rows.items():
            everything.setdefault(name, []).extend(cells)
    found = to_settle.everything(whole(**everything), ["data/raw/x.csv"], ASKED, {})
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
    assert to_settle.everything(tables_, [], ASKED, {})["rows"].tolist() == ["2, 3", "4, 5"]
    found = whole(outcomes=rows, used=used)
    found["used"]["row"] = found["used"]["row"].astype("Int64")
    assert to_settle.everything(found, [], ASKED, {}).empty


def test_names_of_several_records_are_said_so():
    vote = {"row": 3, "record": "pmid:1", "stage": "full-text", "reviewer": "kim"}
    vote |= {"decision": "include", "several": "a b"}
    pair = {"row": 2, "record": "pmid:1", "other": "pmid:2", "decision": "same", "name": "pmid:1"}
    pair |= {"why": "several-records", "records": "a b c"}
    found = to_settle.everything(whole(unmatched=[vote], unsettled=[pair]), [], ASKED, {})
    assert found["kind"].tolist() == ["decision-without-record", "settled-pair-waits"]
    assert found["what"][0].endswith("and pmid:1 names several records: a, b")
    assert found["what"][1].endswith("all of these would be one: a, b, c")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"stated": 250}, "the file says that its search found 250, the file holds 1 records"),
        ({"hits": None, "stated": 250}, "found 250"),
        ({"hits": None, "follow": True}, "the file says that more follow in another"),
        ({"hits": 3, "stated": 250}, "the database said 3 hits"),
    ],
)
def test_an_answer_that_is_not_whole_waits(more, said):
    found = to_settle.everything(whole(searches=[SEARCH | more]), [], ASKED, {})
    assert found["kind"].tolist() == ["hits-unlike-records"]
    assert said in found["what"][0]


def test_an_answer_about_a_pair_of_which_nothing_speaks_waits():
    told = [
        {"kind": "overlap", "what": what, "row": row} for row, what in enumerate(("a b", "b c"))
    ]
    pair = {"study_id": "a", "other": "b", "answer": "keep"}
    found = to_settle.everything(whole(sentinel=told, overlaps=[pair]), [], ASKED, {})
    assert found[["kind", "rows"]].to_numpy().tolist() == [["answer-without-warning", "1"]]
    assert found["what"][0].startswith("overlap of b c: no such pair")


@pytest.mark.parametrize(
    ("kind", "answer", "table", "rows", "waits"),
    [
        ("corrected-report", "correction", "states", rows, waits)
        for rows, waits in (
            ([("pmid:8", "PubMed", "2026-01-05")], ""),
            ([("pmid:8", "PubMed", "2026-01-10")], ""),  # the day of the answer
            ([("pmid:8", "PubMed", "2026-01-05"), ("pmid:9", "PubMed", "2026-03-01")], "(pmid:9)"),
            # One notice, of which another source tells later, is no second one; two that nobody
            # names are two.
            ([("pmid:8", "PubMed", "2026-01-05"), ("pmid:8", "Crossref", "2026-03-01")], ""),
            ([("", "PubMed", "2026-01-05"), ("", "Crossref", "2026-03-01")], "says Crossref"),
        )
    ]
    + [
        ("known-item-missed", "missed", "known_items", rows, waits)
        for rows, waits in (
            ([("PubMed", "rats", "2026-01-05", "2026-03-01")], ""),
            ([("PubMed", "rats", "", "2026-01-05")], ""),  # a file of before
            ([("PubMed", "mice", "2026-03-01", "2026-03-01")], "lost by mice"),
            ([("PubMed", "rats", "2026-01-05", "2026-03-01"),
              ("OpenAlex", "", "2026-03-01", "2026-03-01")], "OpenAlex holds it"),
        )
    ],
)  # fmt: skip
def test_an_answer_holds_for_what_was_told_until_its_day(kind, answer, table, rows, waits):
    columns = {
        "states": ("notice", "source", "seen_on"),
        "known_items": ("database", "lost_by", "missed_since", "searched_on"),
    }[table]
    told = [dict(zip(columns, row, strict=True)) | {"report": "pmid:1"} for row in rows]
    told = [row | ({"state": "corrected"} if table == "states" else {}) for row in told]
    one = {"kind": answer, "what": "pmid:1", "decided_on": "2026-01-10", "row": 2}
    held = {
        "records": [{"record_id": "pmid:1", "identifiers": "pmid:1"}],
        "included": [{"record_id": "pmid:1", "study_id": STUDY}],
        "studies": [INCLUDED],
    }
    found = to_settle.everything(whole(**{table: told}, sentinel=[one], **held), [], ASKED, {})
    of_kind = found.loc[found["kind"] == kind, "what"].tolist()
    assert len(of_kind) == bool(waits)
    assert all(waits in what for what in of_kind)


@pytest.mark.parametrize(
    ("told", "waits"),
    [
        (None, "NCT1: 80 patients registered, 78 reported; NCT1: the register holds “events 8”"),
        ("", "NCT1: 80 patients registered, 78 reported; NCT1: the register holds “events 8”"),
        ("NCT1: 80 patients registered, 78 reported", "NCT1: the register holds “events 8”"),
        ("nct1: 80 patients registered, 78 reported. NCT1: the register holds 'events 8', and "
         "extracted is 'events 14'", ""),
        # What was typed, or posted, after it.
        ("NCT1: 80 patients registered, 78 reported; NCT1: the register holds “events 8”, and "
         "extracted is “events 14.5”", "NCT1: the register holds “events 8”"),
        ("NCT1: 80 patients registered, 60 reported; NCT1: the register holds “events -8”, and "
         "extracted is “events 14”",
         "NCT1: 80 patients registered, 78 reported; NCT1: the register holds “events 8”"),
    ],
)  # fmt: skip
def test_an_answer_to_an_entry_holds_for_the_differences_it_names(told, waits):
    differences = [
        {"found": "patients other than registered", "value": "78", "expected": "80"},
        {"found": "posted results other than extracted", "value": "events 14"}
        | {"expected": "events 8"},
    ]
    answer = {"kind": "registration", "what": "key-1", "decided_on": "2026-01-10", "row": 2}
    found = to_settle.everything(
        whole(
            inspect_sr=[{"study_id": STUDY, "source": "NCT1"} | row for row in differences],
            trials=[{"number": "NCT1", "record_id": "key-1"}],
            records=[{"record_id": "key-1", "identifiers": ""}],
            sentinel=[] if told is None else [answer | {"told": told}],
            studies=[INCLUDED],
        ),
        [],
        ASKED,
        {},
    )
    of_kind = found.loc[found["kind"] == "other-than-registered", "what"].tolist()
    assert len(of_kind) == bool(waits)
    assert all(what.startswith(waits) for what in of_kind)
    assert all(("not among what was told" in what) == (told is not None) for what in of_kind)


def test_what_stands_in_a_workbook_is_named_by_it():
    book = {"in_file": settling.WORKBOOK, "in_row": "Binary!D5"}
    rows = [printed(2, 40, **book), printed(3, 45, in_file="", in_row="")]
    brought = [settling.WORKBOOK, settling.OUTCOMES]
    found = to_settle.everything(whole(outcomes=rows), brought, ASKED, {}).iloc[0]
    assert (found["file"], found["rows"]) == (settling.WORKBOOK, "Binary!D5, 3 of outcomes.csv")
    assert settling.WORKBOOK in found["cure"]
    # A table that nobody brought is the workbook's sheet.
    found = to_settle.everything(
        whole(**CASES["study-without-risk-of-bias"][0]), brought, ASKED, {}
    )
    assert found["file"][0] == settling.WORKBOOK
    assert found["cure"][0] == f"Judge it in {settling.WORKBOOK}."


def test_of_two_workbooks_those_that_are_there_are_named():
    books = [f"data/raw/extraction/extraction-{name}.xlsx" for name in ("kim", "ann")]
    case = CASES["study-without-risk-of-bias"][0]
    found = to_settle.everything(whole(**case), books, ASKED, {}).iloc[0]
    assert found["file"] == books[1]
    assert found["cure"] == f"Judge it in {books[1]} or {books[0]}."
    found = to_settle.everything(whole(**case), [*books, settling.WORKBOOK], ASKED, {}).iloc[0]
    assert found["file"] == settling.WORKBOOK
    # Where rows are named, the file is that of the first.
    at = "Risk-of-bias!A3 of extraction-kim.xlsx, Risk-of-bias!A3 of extraction-ann.xlsx"
    row = {"study_id": STUDY, "tool": "RoB 2", "label": "Overall", "outcome": "os", "rows": at}
    row |= {"state": "conflict", "said": "low (kim); high (ann)"}
    found = to_settle.everything(whole(risk_of_bias=[row]), books, ASKED, {})
    found = found[found["kind"] == "conflict-of-assessors"].iloc[0]
    assert found["file"] == books[0]
    assert "extraction.xlsx" not in found["cure"]


def test_what_is_said_of_a_study_is_mended_in_its_table():
    (problem, *_) = CASES["printed-misfit"][0]["problems"]
    for row, file in (("4", settling.OUTCOMES), (None, settling.STUDIES)):
        found = to_settle.everything(whole(problems=[problem | {"row": row}]), [], ASKED, {})
        assert found["cure"].tolist() == [
            f"Look it up in the paper, and correct {file} if it is a slip."
        ]


def test_a_reason_that_names_rows_leads_to_their_cells():
    reason = settling.ONLY_OF_PARTS + "stage III (row Binary!D5), stage II (row 3)"
    rows = [
        printed(2, 40, in_file=settling.WORKBOOK, in_row="Binary!D5"),
        printed(3, 45, time=9, in_file="", in_row=""),
    ]
    unusable = [{"synthesis": "os", "study_id": "a", "reason": reason}]
    found = list(to_settle.of_parts(whole(outcomes=rows, unusable=unusable)))
    assert [(one.file, one.rows) for one in found] == [
        (settling.WORKBOOK, "Binary!D5, 3 of outcomes.csv")
    ]


def test_workbooks_are_read_and_the_old_ones_kept_beside_them_need_not_be():
    folder = "data/raw/extraction"
    names = ("extraction.xlsx", "extraction-kim.xlsx", "old-extraction-2026-11-28-2.xlsx")
    brought = [f"{folder}/{name}" for name in (*names, "old.xlsx")]
    found = to_settle_screening.unread(brought, whole()["searches"])
    assert [one.file for one in found] == [f"{folder}/old.xlsx"]


def test_what_checklists_want_is_one_thing_and_the_last():
    assert to_settle.everything(whole(), [], ASKED, {}, {}).empty
    owed = {"PRISMA 2020": ["3", "20a"], "MOOSE": ["1"]}
    waits = CASES["synthesis-without-certainty"][0]
    found = to_settle.everything(whole(**waits), [], ASKED, {}, owed)
    assert found["kind"].tolist()[-1] == "reporting-owed"
    assert found["what"].tolist()[-1] == "PRISMA 2020, items 3, 20a; MOOSE, item 1"
    assert found["weight"].tolist()[-1] == "text"


def test_one_search_in_two_formats_waits_once():
    exports = [SEARCH, SEARCH | {"file": "b.csv", "same_records": "a.ris"}]
    found = to_settle.everything(whole(searches=exports), [], ASKED, {})
    assert found[["kind", "file"]].to_numpy().tolist() == [
        ["export-twice", "data/raw/searches/b.csv"]
    ]
    assert found["what"][0].startswith("the same records as data/raw/searches/a.ris, of one")
