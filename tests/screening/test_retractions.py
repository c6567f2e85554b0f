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
        "Article retracted: Snow on roofs",
        "Snow on roofs (Retraction in /Roofs/ 2021)",
        "[Zurückgezogen] Snow on roofs",
        "ARTÍCULO RETRACTADO: Snow on roofs",
        "Rétracté : Snow on roofs",
        "RETIRADO: Snow on roofs",
        "Snow on roofs [Ritirato]",
        "撤稿：Snow on roofs",
        "Snow on roofs RETRACTED ARTICLE",
        "Snow on roofs †Retracted",
        "Retracted by the editors: Snow on roofs",
    ],
)
def test_by_its_title(title):
    assert kinds.flag(title) == "retracted"
    assert kinds.kind(title) == kinds.REPORT
    assert kinds.bare_title(title) == "Snow on roofs"


@pytest.mark.parametrize(
    "title",
    [
        "Retracted implants after ten years?",
        "Stones removed: a trial",
        "Retraction of the eyelid",
        "RETRACTED rotator cuff tears: a trial",
        "Retraction. A device for the liver",
        "Withdrawn: a study of those who left a trial",
        "Expression of concern among parents: a survey",
        "Expression of Concern Among Parents: A Survey",
        "Correction in serum sodium with saline: a trial",
        "Correction for time gained in a screening trial",
        "Corrections to the hip by osteotomy",
        "Errata in prescribing: a trial",
        "Addendum to usual care: exercise for colds",
        "Retraction: a novel suture technique",
        "TENDONS TORN AND RETRACTED",
        "Tendons Torn and Retracted",
        "Retired: life after work",
        "Retirada de catéter: ensayo",
    ],
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
        ("TY  - JOUR\nTI  - Snow\nPT  - Retracted Publication\nER  -\n", "retracted"),
        (
            "TY  - JOUR\nTI  - Snow\nN1  - 1234-5678\nLind, O\nJournal Article"
            "\nRetracted Publication\nSweden\nRoofs. 2015. Retraction in: Ice. 2021.\nER  -\n",
            "retracted",
        ),
        ("TY  - JOUR\nTI  - Snow\nN1  - Retraction in: Roofs. 2021;14:3\nER  -\n", "retracted"),
        ("TY  - JOUR\nTI  - Snow\nN1  - This article has been retracted.\nER  -\n", "retracted"),
        ("TY  - JOUR\nTI  - Snow\nKW  - Ice\nKW  - Retracted Publication\nER  -\n", "retracted"),
        ("TY  - JOUR\nTI  - Snow\nAB  - This paper was retracted by O Lind.\nER  -\n", "retracted"),
        ("Title,Author,Manual Tags,Extra\nSnow,Lind O,ice; Retracted,\n", "retracted"),
        ("Title,Author,Manual Tags,Extra\nSnow,Lind O,,Retracted\n", "retracted"),
        ("@article{a,\n title={Snow},\n keywords={Ice, Retracted article}\n}\n", "retracted"),
        ("<1>\nTitle\n  Snow\nComments\n  Retraction in: Roofs. 2021;14(3):9\n", "retracted"),
        (
            "TY  - JOUR\nTI  - Snow\nN1  - Expression of concern in: Roofs. 2021;14:3\nER  -\n",
            "concern",
        ),
        ("TY  - JOUR\nTI  - Snow\nN1  - Retracted: 2021-03-04\nER  -\n", "retracted"),
        ("TY  - JOUR\nTI  - Snow\nC1  - Retracted: 2021-03-04\nER  -\n", "retracted"),
        ("TY  - JOUR\nTI  - Snow\nC1  - Retracted: No\nER  -\n", ""),
        (
            "TY  - JOUR\nTI  - Snow\nN1  - Retracted: 2021-03-04\nReasons: it melted\nER  -\n",
            "retracted",
        ),
        ("TY  - JOUR\nTI  - Snow\nRN  - Retraction in: Roofs 2021;14:3\nER  -\n", "retracted"),
        ("TY  - JOUR\nTI  - Snow\nC1  - Retracted\nER  -\n", "retracted"),
        ("TY  - JOUR\nTI  - Snow\nST  - RETRACTED: Snow\nER  -\n", "retracted"),
        (
            "TY  - JOUR\nTI  - Snow\nAB  - It melts. [This article was retracted. See Roofs 2021.]"
            "\nER  -\n",
            "retracted",
        ),
        (
            "TY  - JOUR\nTI  - Snow\nAB  - It melts. Retraction notice: the editors retract this"
            " paper.\nER  -\n",
            "retracted",
        ),
        (
            "TY  - JOUR\nTI  - Snow\nAB  - The authors have withdrawn this manuscript, for it "
            "melted.\nER  -\n",
            "withdrawn",
        ),
        (
            "TY  - JOUR\nTI  - Snow\nAB  - The publisher regrets that this article has been "
            "temporarily removed.\nER  -\n",
            "withdrawn",
        ),
        # What is on retraction, tied to another report, or said not to be.
        ("TY  - JOUR\nTI  - Snow\nN1  - Retraction of: Ice. Roofs. 2021\nER  -\n", ""),
        ("TY  - JOUR\nTI  - Snow\nN1  - checked in 2024: not retracted\nER  -\n", ""),
        ("TY  - JOUR\nTI  - Snow\nN1  - Cited: retraction in 3 of 9 trials, 2021\nER  -\n", ""),
        ("TY  - JOUR\nTI  - Snow\nKW  - Retraction of Publication as Topic\nER  -\n", ""),
        ("TY  - JOUR\nTI  - Retracted trials\nKW  - Retracted publication\nER  -\n", ""),
        ("TY  - JOUR\nTI  - Snow\nAB  - Of each retracted publication we asked why.\nER  -\n", ""),
        ("TY  - JOUR\nTI  - Snow\nAB  - Nine were retracted. The authors withdrew.\nER  -\n", ""),
        ("TY  - JOUR\nTI  - Snow\nAB  - It melts. Consent was retracted by two.\nER  -\n", ""),
        ("TY  - JOUR\nTI  - Snow\nC1  - retracted eardrums\nER  -\n", ""),
        ("TY  - JOUR\nTI  - Snow\nN1  - Erratum in: Roofs. 2021;14:3\nER  -\n", ""),
        ("display_name,is_retracted,doi\nSnow,TRUE,10.5555/r.1\n", "retracted"),
        ("display_name,is_retracted,doi\nSnow,FALSE,10.5555/r.1\n", ""),
    ],
)
def test_by_what_a_source_says(text, flag, tmp_path):
    (tmp_path / "export").write_text(text, encoding="utf-8")
    row = export.read(tmp_path / "export")[0].iloc[0]
    assert kinds.flag(row["title"], row["type"], row["doi"], row["journal"]) == flag
