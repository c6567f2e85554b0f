"""Copies of one report are linked, different reports are not, whatever the order of the rows."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.screening import kinds
from livingmeta.screening.duplicates import fields_compared
from livingmeta.screening.duplicates import links as duplicates

PAIRS = yaml.safe_load((Path(__file__).parent / "cases/pairs.yaml").read_text(encoding="utf-8"))


def _verdict(rows):
    links, doubtful = duplicates.find(pd.DataFrame(rows).assign(record_id=["x", "y"]))
    assert len(links) + len(doubtful) <= 1
    if len(links):
        return "same", links["rule"].iloc[0]
    return ("doubtful" if len(doubtful) else "different"), ""


@pytest.mark.parametrize("case", [pytest.param(c, id=name) for name, c in PAIRS.items()])
@pytest.mark.parametrize("turn", [1, -1])
def test_pair(case, turn):
    verdict, rule = _verdict([case["a"], case["b"]][::turn])
    assert verdict == case["verdict"]
    assert rule == case.get("rule", rule)


REPORTS = st.fixed_dictionaries(
    {
        "title": st.sampled_from(
            [
                "",
                "Editorial",
                "Local therapy of lung metastases from liver cancer in cirrhosis",
                "Local therapy of lung metastases from liver cancer in cirrhosis.",
                "Survival after adrenalectomy for metastatic liver cancer in adults",
            ]
        ),
        "authors": st.sampled_from(["", "Kim, K; Seong, J", "Kim, Kyung", "Doe, J"]),
        "year": st.sampled_from(["", "2020", "2021"]),
        "doi": st.sampled_from(["", "10.1000/ex.1", "10.1000/ex.2"]),
        "pmid": st.sampled_from(["", "11", "12"]),
    }
)


@given(rows=st.lists(REPORTS, min_size=1, max_size=9), data=st.data())
@settings(max_examples=80, deadline=None)
def test_links_form_stars_and_order_does_not_matter(rows, data):
    table = pd.DataFrame(rows).assign(record_id=[f"r{i}" for i in range(len(rows))])
    links, doubtful = duplicates.find(table)
    copies, kept = set(links["record_id"]), set(links["duplicate_of"])
    assert copies.isdisjoint(kept)  # every chain ends at once: links are transitive
    assert links["record_id"].is_unique
    assert copies | kept <= set(table["record_id"])
    assert links["score"].between(0, 1).all()
    pairs = set(zip(links["record_id"], links["duplicate_of"], strict=True))
    assert pairs.isdisjoint(zip(doubtful["record_id"], doubtful["duplicate_of"], strict=True))
    order = data.draw(st.permutations(range(len(rows))))
    again = duplicates.find(table.iloc[order])
    pd.testing.assert_frame_equal(again[0], links)
    pd.testing.assert_frame_equal(again[1], doubtful)


def test_links_are_transitive():
    table = pd.DataFrame(
        [
            {"record_id": "a", "title": "Local therapy of lung metastases", "doi": "10.1000/ex.1"},
            {"record_id": "b", "title": "Local therapy of lung metastases", "pmid": "11",
             "doi": "10.1000/ex.1"},
            {"record_id": "c", "title": "Local therapy of lung metastases", "pmid": "11",
             "pmcid": "PMC7001"},
            {"record_id": "d", "title": "Local therapy of lung metastases", "pmcid": "PMC7001"},
        ]
    )  # fmt: skip
    links, _ = duplicates.find(table)
    assert len(links) == 3
    assert links["duplicate_of"].nunique() == 1


def test_a_copy_without_identifiers_does_not_join_two_reports():
    """It fits two reports with different DOIs: linked to neither or one, never to both."""
    same = {"title": "Local therapy of lung metastases in cirrhosis", "authors": "Kim, K"}
    table = pd.DataFrame(
        [
            {"record_id": "a", **same, "year": "2021", "doi": "10.1000/ex.1"},
            {"record_id": "b", **same, "year": "2021", "doi": "10.1000/ex.2"},
            {"record_id": "c", **same, "year": "2021", "doi": ""},
        ]
    )
    links, doubtful = duplicates.find(table)
    linked = set(links["record_id"]) | set(links["duplicate_of"])
    assert not {"a", "b"} <= linked
    assert len(doubtful) >= 1


def test_missing_columns_and_names():
    links, doubtful = duplicates.find(pd.DataFrame({"title": ["One", "Two"]}))
    assert links.empty
    assert doubtful.empty
    assert list(links.columns) == duplicates.LINK_COLUMNS
    with pytest.raises(ValueError, match="two records are called 'x'"):
        duplicates.find(pd.DataFrame({"record_id": ["x", "x"], "title": ["One", "Two"]}))
    assert duplicates.find(pd.DataFrame(columns=["record_id", "title"]))[0].empty


@pytest.mark.parametrize(
    ("title", "type_", "doi", "kind", "flag"),
    [
        ("Local therapy", "Journal Article", "", "report", ""),
        ("RETRACTED: Local therapy", "", "", "report", "retracted"),
        ("Local therapy", "Journal Article; Retracted Publication", "", "report", "retracted"),
        ("Retraction: Local therapy", "", "", "notice", "retracted"),
        ("Correction to: Local", "Erratum; Retracted Publication", "", "erratum", "retracted"),
        ("Retraction of the lung in surgery", "", "", "report", ""),
        ("WITHDRAWN: Local therapy", "", "", "withdrawn", "withdrawn"),
        ("Correction to: Local therapy", "", "", "erratum", "erratum"),
        ("Correction of hyponatraemia in cirrhosis", "", "", "report", ""),
        ("Correction", "", "", "erratum", "erratum"),
        ("Local therapy", "", "10.1101/2020.05.01.20087619", "preprint", "preprint"),
        ("Genes of the liver", "", "10.1101/gr.123456.111", "report", ""),
        ("Reply to Kim et al.", "", "", "reply", ""),
        ("Response to sorafenib in cirrhosis", "", "", "report", ""),
        ("Local therapy", "Thesis", "", "thesis", ""),
        ("Local therapy", "Trial registry record", "", "registration", ""),
        ("Local therapy: study protocol", "", "", "protocol", ""),
    ],
)
def test_kind_and_flag(title, type_, doi, kind, flag):
    assert kinds.kind(title, type_, doi) == kind
    assert kinds.flag(title, type_, doi) == flag


@pytest.mark.parametrize(
    ("a", "b", "short"),
    [
        ("j", "journal", True),
        ("natl", "national", True),
        ("intl", "international", True),
        ("brt", "british", False),  # three letters have to end alike too
        ("brth", "british", True),
        ("british", "annals", False),
    ],
)
def test_which_words_shorten_which(a, b, short):
    assert fields_compared.shortens(a, b) == fields_compared.shortens(b, a) == short
