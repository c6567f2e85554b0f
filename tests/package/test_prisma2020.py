"""Counts of the flow diagrams under the names of the R package PRISMA2020, and the diagrams."""

import re
import struct
import zlib

import pytest

from livingmeta import tables
from livingmeta.figures import flow
from livingmeta.package import prisma2020
from livingmeta.report import table_numbers as register
from livingmeta.report.document import typst
from livingmeta.screening.flow import must_add_up, source_of
from livingmeta.words.numbers import Numbers
from made_up_review import FLOW, NASTY
from printed_text import described, in_figure

REASONS = {"wrong": "Wrong dose, or none; see note", "late": "Too late"}


def changes(**more):
    """An update that found 12 records: 2 copies and 1 unreadable, 9 new, beside 3 that waited and
    1 decided again."""
    counts = {
        "previous": {"version": "1.0", "studies": 5, "reports": 6},
        "identified": {
            "databases": [
                {"database": "Embase", "searched_on": "2026-02-01", "records": 7},
                {"database": "Embase", "searched_on": "2026-03-01", "records": 2},
                {"database": "ClinicalTrials.gov", "searched_on": "2026-02-01", "records": 3},
            ],
            "records": 12,
        },
        "removed_before_screening": {"duplicates": 2, "unreadable": 1},
        "new_records": 9,
        "awaiting_before": 3,
        "decided_again": 1,
        "records": 13,
        "awaiting_screening": 2,
        "excluded_title_abstract": 3,
        "not_retrieved": 1,
        "awaiting_assessment": 1,
        "excluded_full_text": {
            "reports": 3,
            "reasons": [{"reason": "wrong", "reports": 2}, {"reason": "late", "reports": 1}],
        },
        "awaiting_classification": 1,
        "reports_included": 2,
        "new": {"studies": 1, "reports": 2},
        "no_longer_included": {"studies": 0, "reports": 1},
        "included": {"studies": 6, "reports": 7},
    }
    given = {"since": "1.0", "version": "1.1", "counts": {"record": 9}, "flow": counts}
    return given | {"previous": None} | more


def numbers(table):
    return dict(zip(table["data"], table["n"], strict=True))


def said(svg):
    return "\n".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def test_an_update_in_the_names_of_the_package():
    found = numbers(prisma2020.of_update(changes(), REASONS))
    expected = {
        "previous_studies": "5",
        "previous_reports": "6",
        "database_results": "9",
        "database_specific_results": "Embase, 9",
        "register_results": "3",
        "register_specific_results": "ClinicalTrials.gov, 3",
        "duplicates": "2",
        "excluded_other": "1",
        "records_screened": "11",
        "records_excluded": "3",
        "dbr_sought_reports": "8",
        "dbr_notretrieved_reports": "1",
        "dbr_assessed": "6",
        "new_studies": "1",
        "new_reports": "2",
        "total_studies": "6",
        "total_reports": "7",
        "waiting_records": "2",
        "waiting_reports": "2",
    }
    assert {name: found[name] for name in expected} == expected


def test_the_whole_review_adds_up_under_those_names():
    found = numbers(prisma2020.of_review(FLOW, {}))
    number = {name: int(n) for name, n in found.items() if n.isdigit()}
    assert number["database_results"] + number["register_results"] == (
        FLOW["removed_before_screening"]["duplicates"]
        + number["excluded_automatic"]
        + number["excluded_other"]
        + number["records_screened"]
        + number["waiting_records"]
    )
    assert number["records_screened"] - number["records_excluded"] == number["dbr_sought_reports"]
    assert number["new_studies"] == number["total_studies"] == FLOW["included"]["studies"]
    assert number["previous_studies"] == 0


def by_hand():
    """FLOW, of which 4 records on a website and 3 cited: 2 copies, 1 off topic, 4 sought."""
    part = {
        "identified": {
            "databases": [
                {"database": "A", "source": "website", "searched_on": "2026-11-23", "records": 4},
                {
                    "database": "References, both ways",
                    "source": "citation searching",
                    "searched_on": "2026-11-23",
                    "records": 3,
                },
            ],
            "records": 7,
        },
        "removed_before_screening": {"duplicates": 2, "automation": 0, "unreadable": 0},
        "records": 5,
        "awaiting_screening": {"undecided": 0, "unsure": 0, "conflicts": 0},
        "screened": 5,
        "excluded_title_abstract": 1,
        "sought": 4,
        "not_retrieved": 1,
        "awaiting_assessment": 0,
        "assessed": 3,
        "excluded_full_text": {"reports": 1, "reasons": [{"reason": "late", "reports": 1}]},
        "awaiting_classification": {"unsure": 1, "conflicts": 0},
        "included": {
            "reports": 1,
            "studies": 1,
            "reports_without_study": 0,
            "studies_without_included_report": 0,
        },
    }
    whole = {
        key: value + part[key] if isinstance(value, int) else value for key, value in FLOW.items()
    }
    whole["identified"] = {
        "databases": FLOW["identified"]["databases"] + part["identified"]["databases"],
        "records": 37,
    }
    whole["removed_before_screening"] = {"duplicates": 3, "automation": 0, "unreadable": 1}
    whole["excluded_full_text"] = {
        "reports": 3,
        "reasons": [{"reason": "wrong", "reports": 2}, {"reason": "late", "reports": 1}],
    }
    whole["awaiting_classification"] = {"unsure": 2, "conflicts": 0}
    whole["included"] = FLOW["included"] | {"reports": 19, "studies": 18}
    return whole | {"via": {"databases_and_registers": FLOW, "other_methods": part}}


def test_what_other_methods_found_has_boxes_of_its_own():
    must_add_up(by_hand())
    found = numbers(prisma2020.of_review(by_hand(), REASONS))
    expected = {
        "database_results": "30",
        "website_results": "4",
        "citations_results": "3",
        "organisation_results": "0",
        "duplicates": "1",
        "records_screened": "27",
        "dbr_sought_reports": "22",
        "other_sought_reports": "4",
        "other_notretrieved_reports": "1",
        "other_assessed": "3",
        "other_excluded": "Too late, 1",
        "copies_elsewhere": "2",
        "screened_out_elsewhere": "1",
        "total_studies": "18",
        "total_reports": "19",
    }
    assert {name: found[name] for name in expected} == expected


def test_a_list_reads_back_as_the_package_splits_it():
    """It splits at semicolons, takes the name up to the first comma and the digits after it."""
    listed = numbers(prisma2020.of_update(changes(), REASONS))["dbr_excluded"]
    pairs = [part.partition(",") for part in re.split("; ?", listed)]
    assert [(name, int(n)) for name, _, n in pairs] == [
        ("Wrong dose or none / see note", 2),
        ("Too late", 1),
    ]


def test_no_name_is_found_by_the_search_for_another():
    """The package looks for a row by `grep`, so a name within another would be taken for it."""
    names = [name for name, _, _ in prisma2020.ROWS if name]
    for name in names:
        assert [other for other in names if name in other] == [name]


@pytest.mark.parametrize(
    ("name", "register"),
    [
        ("ClinicalTrials.gov", True),
        ("WHO International Clinical Trials Registry Platform", True),
        ("EU Clinical Trials Register", True),
        ("CTRI", True),
        ("Cochrane Central Register of Controlled Trials", False),
        ("PubMed", False),
        ("Obstetrics index", False),
    ],
)
def test_registers_are_told_from_databases(name, register):
    assert source_of(name) == ("register" if register else "database")


def test_the_table_can_be_written_and_holds_no_row_where_nothing_can_be_counted(tmp_path):
    lost = prisma2020.of_update(changes(flow=None), REASONS)
    assert not len(lost)
    for table in (lost, prisma2020.of_update(changes(), REASONS)):
        tables.write(table, tmp_path / "flow.csv", "report/prisma2020")


def test_an_update_is_drawn_beside_what_was_there_before():
    svg = said(flow.draw_update(changes(), REASONS | {"late": NASTY}).svg)
    for words in (
        "The update from version 1.0 to 1.1",
        "(n = 5)",
        "Search of 1 March 2026",
        "Records to screen (n = 13):",
        "New records (n = 9)",
        "Awaiting a decision before (n = 3)",
        "Decided again (n = 1)",
        "Records awaiting screening (n = 2)",
        "Records screened\n(n = 11)",
        "Reports sought for retrieval\n(n = 8)",
        "Reports assessed for eligibility\n(n = 6)",
        "New studies included in review (n = 1)",
        "No longer included:",
        "Total studies included in review (n = 6)",
        "Reports of total included studies (n = 7)",
    ):
        assert words in svg
    assert "<script" not in svg


def test_what_other_methods_found_is_drawn_in_a_column_whose_numbers_are_registered():
    svg = flow.draw(by_hand(), REASONS).svg
    known = Numbers()
    register.flow(known, by_hand())
    printed = {entry["id"]: entry["text"] for entry in known.as_list()}
    lines = [(key, words) for key, words in in_figure(svg) if key]
    assert {key.split("/")[1] for key, _ in lines} >= {"databases", "other", "included-studies"}
    said = {key: "" for key, _ in lines}
    for key, words in lines:
        said[key] += f"{words} "
    assert all(f"(n = {printed[key]})" in words for key, words in said.items())
    assert said["flow/other/source/0"].startswith("Website: A (n = 4)")
    assert said["flow/other/not-retrieved"].startswith("Reports not retrieved (n = 1)")
    assert "other methods: 7 records identified" in described(svg)


def test_a_release_without_changes_since_is_drawn_as_what_it_changed():
    still = changes(counts={}, version="1.1", since="1.1", previous=changes())
    assert "The update from version 1.0 to 1.1" in said(flow.draw_update(still, REASONS).svg)
    still["previous"] = None
    assert "Since version 1.1" in said(flow.draw_update(still, REASONS).svg)


def test_an_update_that_cannot_be_counted_says_why():
    svg = said(flow.draw_update(changes(flow=None), REASONS).svg)
    assert "holds fewer records now" in " ".join(svg.split())


def test_a_print_tells_its_resolution():
    drawn = flow.draw(FLOW)
    png = typst.png(drawn.svg, drawn.wide, 600)
    wide, _ = struct.unpack(">II", png[16:24])
    assert drawn.wide > typst.TEXT_WIDTH
    assert wide == pytest.approx(170 / 25.4 * 600, abs=1)
    length, kind = struct.unpack(">I4s", png[33:41])
    across, down, metres = struct.unpack(">IIB", png[41 : 41 + length])
    assert (kind, across, down, metres) == (b"pHYs", 23622, 23622, 1)
    assert struct.unpack(">I", png[50:54])[0] == zlib.crc32(png[37:50])
