"""A title that is short tells whose notice it is only with the people and the journal."""

import pytest

from livingmeta.screening.duplicates import notices, records
from livingmeta.screening.readers import export

PAPER = """PMID- 81000001
TI  - Salt on roads.
FAU - Lind, Ola
DP  - 2011 Mar
TA  - Roads
PT  - Journal Article

"""
KIM = "FAU - Kim, Anna\n"


def notice(title, year="2020", more="", type_="Retraction of Publication"):
    return f"PMID- 81000077\nTI  - {title}\nDP  - {year}\nTA  - Roads\nPT  - {type_}\n{more}\n"


@pytest.mark.parametrize(
    ("what", "sure"),
    [
        (notice("Retraction: Salt on roads.", more="FAU - Lind, Ola\n"), [True]),
        (notice("Retraction: Salt on roads."), [False]),
        (notice("撤稿声明：《Salt on roads》", type_=""), [False]),
        (notice("Retraction: Salt on roads.", more=KIM), []),
        (notice("Retraction: Salt on roads.").replace("Roads\n", "Ice\n"), []),
        (notice("Retraction: Salt on roads.", year="2009"), []),
        (notice("Retraction: Salt."), []),
    ],
)
def test_a_notice_of_a_report_with_a_short_title(what, sure, tmp_path):
    (tmp_path / "a.nbib").write_text(PAPER + what, encoding="utf-8")
    copies = export.read(tmp_path / "a.nbib")[0].assign(file="a.nbib", source="PubMed")
    linked, _, _, held = records.assemble(copies)
    told = notices.found(copies, records.copy_names(copies), held, linked)
    assert [one.sure for one in told] == sure
