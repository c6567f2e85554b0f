"""How many relevant reports the searches missed, of made-up exports."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta import tables
from livingmeta.formulas.capture_recapture import two_sources
from livingmeta.living.search import missed_reports
from livingmeta.report import strategies
from livingmeta.words.numbers import Numbers


def of(*exports, included=range(1000)):
    """`exports`: database, the records that its export holds, and more columns of its search."""
    searches, copies = [], []
    for i, (database, held, *more) in enumerate(exports):
        row = {"file": f"{i}.ris", "database": database, "source": "", "searched_on": "2026-01-01"}
        searches.append(row | {"hits": len(held), "found": pd.NA} | (more[0] if more else {}))
        copies += [{"file": f"{i}.ris", "record_id": f"pmid:{n}"} for n in held]
    return missed_reports.of(
        pd.DataFrame(
            searches, columns=["file", "database", "source", "searched_on", "hits", "found"]
        ),
        pd.DataFrame(copies, columns=["file", "record_id"]),
        pd.DataFrame({"record_id": [f"pmid:{n}" for n in included]}),
    )


def reasons(table):
    return [(row.first, row.second, row.reason) for row in table.itertuples(index=False)]


def test_two_databases_are_compared_over_included_reports_alone(tmp_path):
    table = of(("PubMed", range(40)), ("Embase", range(20, 60)), ("pubmed ", range(40, 45)),
               ("citations", range(60, 70), {"source": "citation searching"}),
               included=range(0, 70, 2))  # fmt: skip
    [row] = table.to_dict("records")
    assert (row["first"], row["second"], row["reason"]) == ("Embase", "PubMed", "")
    counts = [row[name] for name in missed_reports.COUNTS]
    assert counts == [20, 23, 13, 30, 5]
    size = two_sources(20, 23, 13)
    assert row["estimate"] == pytest.approx(size.estimate)
    assert row["missed"] == pytest.approx(7 * 10 / 14)
    assert (row["missed_low"], row["missed_high"]) == pytest.approx(
        (size.ci_low - 30, size.ci_high - 30)
    )
    tables.write(table, tmp_path / "x.csv", "screening/missed_reports")
    read = tables.read(tmp_path / "x.csv", "screening/missed_reports")
    numbers = Numbers()
    found = strategies.missed(read, numbers)
    assert found["single"]
    assert found["unknown"] == []
    said = {entry["id"]: entry["text"] for entry in numbers.as_list()}
    assert (said["missed/0/estimate"], said["missed/0/missed"]) == ("35", "5")


@pytest.mark.parametrize(
    ("exports", "said"),
    [
        ([], []),
        ([("PubMed", range(30))], [("PubMed", "", "one-source")]),
        ([("PubMed", range(30)), ("MEDLINE (Ovid)", range(10, 40))],
         [("MEDLINE (Ovid)", "PubMed", "one-index")]),
        ([("PubMed", range(30)), ("Embase", range(24, 40))],
         [("Embase", "PubMed", "few-in-common")]),
        ([("PubMed", range(30)), ("Embase", range(23, 40))], [("Embase", "PubMed", "")]),
        ([("PubMed", range(30)), ("Embase", range(10))],
         [("Embase", "PubMed", "one-within-other")]),
        # What a search by difference fetched is not all that its query finds.
        ([("PubMed", range(30)), ("OpenAlex", range(10, 40), {"found": 90})],
         [("PubMed", "", "one-source"), ("OpenAlex", "", "by-difference")]),
        ([("PubMed", range(30)), ("OpenAlex", range(10, 40), {"found": 30})],
         [("OpenAlex", "PubMed", "")]),
        ([("PubMed", range(30)), ("not stated", range(10, 40), {"searched_on": ""})],
         [("PubMed", "", "one-source")]),
    ],
)  # fmt: skip
def test_where_there_is_no_estimate_the_reason_is_told(exports, said):
    table = of(*exports)
    assert reasons(table) == said
    assert list(table["estimate"].isna()) == [bool(reason) for _, _, reason in said]
    told = strategies.missed(table, Numbers())
    assert len(told["pairs"]) + len(told["unknown"]) == len(set(said))


def test_no_included_report_is_no_estimate():
    table = of(("PubMed", range(30)), ("Embase", range(30)), included=[])
    assert reasons(table) == [("Embase", "PubMed", "few-in-common")]


@settings(max_examples=25, deadline=None)
@given(st.permutations(["PubMed", "Embase", "CENTRAL"]), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(names, random):
    held = {"PubMed": range(60), "Embase": range(30, 90), "CENTRAL": range(15, 70)}
    shuffled = {name: random.sample(list(held[name]), len(held[name])) for name in names}
    pd.testing.assert_frame_equal(of(*shuffled.items()), of(*held.items()))
