"""Whether exports hold the hits of their search, also where one search came in parts."""

import pytest

from livingmeta.words import exports

TWO = ("pubmed-1.ris", "pubmed-2.ris")


def said(*rows, **more):
    """What is said of exports given as (file, hits, records)."""
    common = {"database": "PubMed", "platform": "", "searched_on": "2026-03-02", "strategy": ""}
    common |= {"stated": None, "follow": False, "rejected": 0} | more
    return exports.all_lacking(
        [
            common | {"file": file, "hits": hits, "read": read} | dict(*rest)
            for file, hits, read, *rest in rows
        ]
    )


@pytest.mark.parametrize(
    "rows",
    [
        [("a.ris", 4, 4), ("b.ris", 3, 3)],
        [(TWO[0], 4, 2), (TWO[1], None, 2)],
        [(TWO[0], 5, 2), (TWO[1], 5, 2), ("pubmed-3.ris", 5, 1)],
        [("savedrecs.txt", "", 3), ("savedrecs (1).txt", 4, 1)],
        [("scopus part 1 of 2.csv", 4, 3), ("scopus part 2 of 2.csv", 4, 1)],
        [("x.ris", 4, 3), ("y.ris", 4, 1)],  # of one day, whatever they are called
        [("x.ris", 4, 3), ("y.ris", None, 1), ("of another search.ris", 7, 7)],
        # of two days, as the names say
        [(TWO[0], 4, 2), (TWO[1], 4, 2, {"searched_on": "2026-03-03"})],
        # the strategy is named with the first alone
        [(TWO[0], 4, 2, {"strategy": "p.txt"}), (TWO[1], None, 2)],
        [("1.xml", None, 3, {"stated": 4, "follow": True}), ("2.xml", None, 1, {"stated": 4})],
        [("1.xml", 3, 3, {"stated": 4}), ("2.xml", 1, 1, {"stated": 4})],
    ],
)
def test_parts_of_one_search_hold_its_hits_together(rows):
    assert said(*rows) == [""] * len(rows)
    assert said(*reversed(rows)) == [""] * len(rows)


def test_parts_that_do_not_hold_them_are_told_once():
    whole = "the search found 5 records, and pubmed-1.ris and pubmed-2.ris hold 4 together"
    assert said((TWO[0], 5, 2), (TWO[1], 5, 2)) == [whole, ""]
    assert said((TWO[0], 5, 2), (TWO[1], None, 2)) == [whole, ""]
    assert said((TWO[0], None, 2), (TWO[1], 5, 2)) == ["", whole]
    assert said((TWO[0], 2, 2), (TWO[1], 2, 2), stated=5) == [whole, ""]
    follow = "the file says that more follow in another, the file holds 2 records"
    assert said((TWO[0], 2, 2), (TWO[1], 2, 2), follow=True) == [follow, follow]


@pytest.mark.parametrize(
    "other",
    [
        {"database": "Embase"},
        {"strategy": "q.txt"},
        {"platform": "Ovid"},
        {"searched_on": "2026-04-01"},
        {"hits": 2},  # whole by itself
        {"hits": 3},  # a search of its own
    ],
)
def test_exports_of_two_searches_are_told_each_by_itself(other):
    first = ("x.ris", 4, 2, {"strategy": "p.txt", "platform": "NLM"})
    found = said(first, ("y.ris", None, 2, other))
    assert found[0] == "the database said 4 hits, the file holds 2 records"
    assert bool(found[1]) == (other == {"hits": 3})
