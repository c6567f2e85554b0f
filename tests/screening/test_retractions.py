"""A retracted report shows by whatever words its source has for it."""

import pytest

from livingmeta.screening import kinds
from livingmeta.screening.readers import export


@pytest.mark.parametrize(
    "title",
    [
        "RETRACTED: Snow on roofs",
        "[Retracted] Snow on roofs",
        "Snow on roofs [RETRACTED]",
        "Snow on roofs (Retracted article. See vol. 3, pg. 9, 2021)",
        "Snow on roofs - Retracted",
        "REMOVED: Snow on roofs",
        "RETRACTED ARTICLE: Snow on roofs",
        "This article has been retracted: Snow on roofs",
    ],
)
def test_by_its_title(title):
    assert kinds.flag(title) == "retracted"
    assert kinds.kind(title) == kinds.REPORT


@pytest.mark.parametrize(
    "title",
    ["Retracted implants after ten years?", "Stones removed: a trial", "Retraction of the eyelid"],
)
def test_a_title_that_only_holds_the_word(title):
    assert kinds.kind(title) == kinds.REPORT
    assert kinds.flag(title) == ""


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("PMID- 91000091\nTI  - Snow\nRIN - Roofs. 2021\n", "retracted"),
        ("PMID- 91000091\nTI  - Snow\nROF - Lind O. Roofs. 2020\n", "retracted"),
        ("PMID- 91000091\nTI  - Snow\nEFR - Roofs. 2021\n", "erratum"),
        ("PMID- 91000091\nTI  - Snow\nEIN - Roofs. 2021\n", ""),
        (
            "<PubmedArticle><MedlineCitation><PMID>91000091</PMID><Article><ArticleTitle>Snow"
            "</ArticleTitle></Article><CommentsCorrectionsList><CommentsCorrections "
            'RefType="RetractionIn"><RefSource>Roofs</RefSource></CommentsCorrections>'
            "</CommentsCorrectionsList></MedlineCitation></PubmedArticle>",
            "retracted",
        ),
        ("PT J\nTI Snow\nDT Article; Retracted Publication\nER\n", "retracted"),
        ("Title,Authors,Document Type\nSnow,Lind O,Retracted\n", "retracted"),
        ("display_name,is_retracted,doi\nSnow,TRUE,10.5555/r.1\n", "retracted"),
        ("display_name,is_retracted,doi\nSnow,FALSE,10.5555/r.1\n", ""),
    ],
)
def test_by_what_a_source_says(text, flag, tmp_path):
    (tmp_path / "export").write_text(text, encoding="utf-8")
    row = export.read(tmp_path / "export")[0].iloc[0]
    assert kinds.flag(row["title"], row["type"], row["doi"], row["journal"]) == flag
