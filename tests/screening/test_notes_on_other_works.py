"""A note on another work gives a record no identifier."""

import pytest

from livingmeta.screening.readers import export


@pytest.mark.parametrize(
    ("note", "doi"),
    [
        ("Original article: doi:10.1000/other", ""),
        ("Commentary on doi: 10.1000/other", ""),
        ("Related study https://doi.org/10.1000/other", ""),
        ("Reply to doi 10.1000/other", ""),
        ("doi: 10.1000/own; free full text", "10.1000/own"),
        ("doi:10.1000/own", "10.1000/own"),
    ],
)
def test_a_note_on_another_work_gives_no_identifier(tmp_path, note, doi):
    path = tmp_path / "x.ris"
    path.write_text(f"TY  - JOUR\nTI  - A letter on gout\nN1  - {note}\nER  - \n")
    records, _ = export.read(str(path))
    assert records["doi"].tolist() == [doi]


@pytest.mark.parametrize(
    ("tag", "text", "pmid"),
    [
        ("M2", "Reed, R. (2001). On reeds. PMID: 91000007", ""),
        ("C3", "References: Reed 2001, PMID: 91000007", ""),
        ("C3", "PMID: 91000007", "91000007"),
        ("U2", "91000007[pmid]", "91000007"),
    ],
)
def test_a_list_of_references_gives_no_identifier_whatever_its_tag(tmp_path, tag, text, pmid):
    path = tmp_path / "x.ris"
    path.write_text(f"TY  - JOUR\nTI  - A letter on gout\n{tag}  - {text}\nER  - \n")
    records, _ = export.read(str(path))
    assert records["pmid"].tolist() == [pmid]
