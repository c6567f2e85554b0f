"""CITATION.cff of the review, by the facts of the schema of Citation File Format 1.2.0."""

import re

import pytest
import yaml

from livingmeta import protocol
from livingmeta.package import citation
from livingmeta.plan import Review
from running import SMALL

WRITTEN = protocol.read(SMALL / "config/config.yaml")
DOI = "10.5281/zenodo.1234567"


def review(**keys):
    return protocol.complete(WRITTEN | {"review": WRITTEN["review"] | keys})["review"]


def said(**keys):
    return yaml.safe_load(citation.cff(Review.of(review(**keys))))


def test_what_the_format_requires_is_there_and_nothing_that_it_does_not_know():
    found = said(
        authors=["Kim, Ada", "The Fever Group", "Ünal, Öz", "Kim, Ada"], doi=DOI, version="1.10"
    )
    assert {"cff-version", "message", "title", "authors"} <= set(found)
    assert found["cff-version"] == "1.2.0"
    assert found["type"] in ("dataset", "software")
    assert found["version"] == "1.10"  # text, and so no number
    assert found["authors"] == [
        {"family-names": "Kim", "given-names": "Ada"},
        {"name": "The Fever Group"},
        {"family-names": "Ünal", "given-names": "Öz"},
    ]
    assert re.fullmatch(r"10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+", found["doi"])
    assert set(found) == {"cff-version", "message", "type", "title", "version", "authors", "doi"}


def test_authors_in_one_line_are_parted_at_semicolons():
    people = [
        {"family-names": "Kim", "given-names": "Q."},
        {"family-names": "Lee", "given-names": "R."},
    ]
    assert said(authors=["Kim, Q.; Lee, R."])["authors"] == people
    assert said(authors=["Kim, Q.;", "Lee, R.; Kim, Q."])["authors"] == people


def test_a_review_without_authors_and_doi_is_citable_all_the_same():
    found = said(registration="PROSPERO CRD42000000000")
    assert found["authors"] == [{"name": citation.NOBODY}]
    assert "doi" not in found
    [number] = found["identifiers"]
    assert (number["type"], number["value"]) == ("other", "PROSPERO CRD42000000000")


@pytest.mark.parametrize("title", ["Fever: a review #1", "'Quoted' & [odd]", "– dash\u2028line"])
def test_a_title_stays_what_it_is(title):
    assert said(title=title)["title"] == title


@pytest.mark.parametrize("doi", ["https://doi.org/10.5281/zenodo.1", "doi:10.5281/x", "10.5281"])
def test_a_doi_with_something_before_it_is_refused_in_words(doi):
    with pytest.raises(protocol.ProtocolError, match=r"review\.doi is .*DOI of this version"):
        review(doi=doi)
