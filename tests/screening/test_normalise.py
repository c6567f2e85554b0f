"""One written form for each field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingmeta.screening import identity, normalise

CASES = {
    normalise.doi: [
        ("10.1000/EX.1", "10.1000/ex.1"),
        ("https://doi.org/10.1000/ex.1", "10.1000/ex.1"),
        ("http://dx.doi.org/10.1000/ex.1.", "10.1000/ex.1"),
        ("doi: 10.1000/ex.1 [doi]", "10.1000/ex.1"),
        ("10.1000/ex(1)2", "10.1000/ex(1)2"),
        ("(10.1000/ex.1)", "10.1000/ex.1"),
        ("10.1002/(SICI)1097-0142(1997)79:5<901::AID>3.0.CO;2-1",
         "10.1002/(sici)1097-0142(1997)79:5<901::aid>3.0.co;2-1"),
        ("https://example.org/doi/full/10.1000/ex.1?src=x", "10.1000/ex.1"),
        ("https://example.org/doi/10.1000/ex.1/abstract", "10.1000/ex.1"),
        ("10.1000%2Fex.1", "10.1000/ex.1"),
        ("10.21203/rs.3.rs-29257/v1", "10.21203/rs.3.rs-29257/v1"),
        ("none", ""),
        ("10.1000/", ""),
        ("10.1000/ex.1;10.1000/ex.2", "10.1000/ex.1"),
        ("https://doi.org/10.1000/ex.1 | doi:10.1000/ex.2", "10.1000/ex.1"),
        ("Vol 10. No 2, doi:10.1000/ex.1", "10.1000/ex.1"),
        # as a page or Word typesets it, and with marks that nobody sees
        ("10.1000/ex\u20101\u2013a", "10.1000/ex-1-a"),
        ("\u200b10.1000/\u00adex.1\ufeff", "10.1000/ex.1"),
    ],
    normalise.pmid: [
        ("33604314", "33604314"), ("PMID: 33604314", "33604314"), ("33604314[pmid]", "33604314"),
        ("MEDLINE:16842170", "16842170"), ("https://pubmed.ncbi.nlm.nih.gov/33604314/", "33604314"),
        ("33604314.0", "33604314"), ("0033604314", "33604314"), ("WOS:000444108200009", ""),
        ("PMC123456", ""), ("", ""), ("PubMed Central: PMC123456", ""), ("PubMed PMC123456", ""),
        ("https://pubmed.ncbi.nlm.nih.gov/?term=2020", ""), ("PubMed 2020", ""), ("3e+07", ""),
        ("3.36E+07", ""), ("3.3604314E7", "33604314"), ("3,3604314E+07", "33604314"),
        ("http://www.ncbi.nlm.nih.gov/pubmed?term=33604314", "33604314"),
        ("PubMed ID: 33604314", "33604314"), ("Medline PMID 33604314", "33604314"),
    ],
    normalise.pmcid: [
        ("PMC7000001", "PMC7000001"), ("pmc7000001", "PMC7000001"), ("7000001", "PMC7000001"),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC7000001/", "PMC7000001"), ("NIHMS12", ""),
    ],
    normalise.year: [
        ("2021", "2021"), ("2021 Feb 3", "2021"), ("2005/07/15/", "2005"), ("Feb 2021", "2021"),
        ("20210203", "2021"), ("99", ""), ("123456", ""), ("2021.0", "2021"),
    ],
    normalise.pages: [
        ("454-81", "454-481"), ("183–92", "183-192"), ("1-22", "1-22"), ("e12-e15", "e12-e15"),
        ("e12-5", "e12-e15"), ("pp. 3-9", "3-9"), ("376 -- 383", "376-383"), ("53", "53"),
        ("7-7", "7"), ("1078-1085.e2", "1078-1085.e2"), ("S12-S14", "S12-S14"),
    ],
    normalise.author: [
        ("Kim, K", "Kim, K"), ("Shannon,Claude E.", "Shannon, Claude E."), ("Kim TH", "Kim, TH"),
        ("Adler D.G.", "Adler, D.G."), ("Catarina Barata", "Barata, Catarina"),
        ("Ludwig van Beethoven", "van Beethoven, Ludwig"), ("van de Schoot R", "van de Schoot, R"),
        ("J. Smith", "Smith, J."), ("Smith J Jr", "Smith, J Jr"), ("et al.", ""),
        ("Liver Cancer Study Group", "Liver Cancer Study Group"), ("Anonymous", ""),
        ("Wang Y-X", "Wang, Y-X"), ("Plato", "Plato"),
    ],
    normalise.title: [
        ("Local therapy.", "Local therapy"), ("[Local therapy].", "[Local therapy]"),
        ("Why not?", "Why not?"), ("And so on...", "And so on..."), (" Two\n lines ", "Two lines"),
    ],
    normalise.title_key: [
        ("Two-institution results of Stereotactic", "two_institution_results_of_stereotactic"),
        ("Étude: β-blockers & H₂O.", "etude_β_blockers_h2o"), ("肝 癌", "肝_癌"), ("...", ""),
    ],
    normalise.language: [
        ("eng", "English"), ("eng; ger", "English; German"), ("Swahili", "Swahili"),
    ],
    identity.canonical: [
        ("DOI: 10.1000/EX.1", "doi:10.1000/ex.1"), ("10.1000/EX.1", "doi:10.1000/ex.1"),
        ("https://doi.org/10.1000/EX.1", "doi:10.1000/ex.1"), ("PMID:33604314", "pmid:33604314"),
        ("10.1000/EX\u20111", "doi:10.1000/ex-1"), ("doi:10.1000/ex\u200b.1", "doi:10.1000/ex.1"),
        ("\ufeff10.1000/ex.1", "doi:10.1000/ex.1"), ("33604314\u200b", "pmid:33604314"),
        ("pmcid:7000001", "pmcid:PMC7000001"), ("PMC7000001", "pmcid:PMC7000001"),
        ("title:Local therapy!", "title:local_therapy"),
        ("kim-2021-local-therapy-of-1a2b3c", "kim-2021-local-therapy-of-1a2b3c"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("function", "given_", "expected"),
    [(f, a, b) for f, cases in CASES.items() for a, b in cases],
    ids=lambda v: getattr(v, "__name__", None),
)
def test_written_form(function, given_, expected):
    assert function(given_) == expected


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Kim K, Kim TH, Seong J.", ["Kim K", "Kim TH", "Seong J"]),
        ("Liu R., Adler D.G.", ["Liu R.", "Adler D.G."]),
        ("Liu, R., Adler, D.G.", ["Liu, R.", "Adler, D.G."]),
        ("Kim, K; Seong, J", ["Kim, K", "Seong, J"]),
        ("Zuna, R E and Wang, S S", ["Zuna, R E", "Wang, S S"]),
        ("Shannon, Claude E.", ["Shannon, Claude E."]),
        ("Claude Shannon, Warren Weaver", ["Claude Shannon", "Warren Weaver"]),
        ("Kim K et al.", ["Kim K"]),
        ("Kim K, Seong J, and Rim CH", ["Kim K", "Seong J", "Rim CH"]),
        ("", []),
    ],
)
def test_split_authors(cell, names):
    assert normalise.split_authors(cell) == names


@given(st.text(max_size=60))
def test_normal_forms_are_stable(value):
    """What is normal already stays so: a file written by us reads back the same."""
    for function in (normalise.text, normalise.title_key, normalise.doi, normalise.pages):
        once = function(value)
        assert function(once) == once


@given(st.text(max_size=60), st.text(max_size=40), st.sampled_from(["", "2021"]))
def test_readable_keys_are_keys(title, authors, year):
    key = identity.readable(title, year, authors)
    assert key == identity.readable(title, year, authors)
    assert not set(key) & set(" ,;\n\t")
    assert identity.canonical(key) == key


def test_a_group_among_several_names_does_not_hold_them_together():
    assert normalise.split_authors("Liver Study Group, Seoul") == ["Liver Study Group, Seoul"]
    names = normalise.split_authors("Kim J, Li K, Liver Study Group")
    assert names == ["Kim J", "Li K", "Liver Study Group"]


def test_a_cell_of_several_dois_gives_one_and_the_others_are_known():
    cell = "10.1000/ex.1; https://doi.org/10.1000/EX.2, 10.1000/ex.1|10.1000/ex.3"
    assert normalise.dois(cell) == ["10.1000/ex.1", "10.1000/ex.2", "10.1000/ex.3"]
    whole = "10.1002/(SICI)1097-0142(1997)79:5<901::AID-CNCR10.1>3.0.CO;2-1"
    assert normalise.dois(whole) == [whole.lower()]
    assert normalise.doi(whole) == whole.lower()
