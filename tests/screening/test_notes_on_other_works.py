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
