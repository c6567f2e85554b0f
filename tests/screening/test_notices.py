"""Notices of retraction that stand as records of their own reach the report that they are about."""

import json

import pandas as pd
import pytest

from livingmeta.screening import kinds
from livingmeta.screening.duplicates import notices, records
from livingmeta.screening.readers import export

TITLE = "Salt on icy roads of Mossland: a randomised trial"
PAPER = f"""PMID- 81000001
TI  - {TITLE}.
AU  - Lind O
DP  - 2011 Mar
TA  - Roads
PT  - Journal Article
AID - 10.5555/salt.1 [doi]

"""


OWN_DOI = "AID - 10.5555/notice.1 [doi]\n"


def notice(title, year="2020", more="", type_="Retraction of Publication"):
    return f"PMID- 81000077\nTI  - {title}\nDP  - {year}\nTA  - Roads\nPT  - {type_}\n{more}\n"


def flags(text, folder):
    """The flag of each record, notices aside, by record_id."""
    (folder / "a.nbib").write_text(text, encoding="utf-8")
    copies = export.read(folder / "a.nbib")[0].assign(file="a.nbib", source="PubMed")
    linked, _, _, held = records.assemble(copies)
    told = notices.found(copies, records.copy_names(copies), held, linked)
    flagged = records.flagged(linked, {report: {flag} for _, flag, report, sure in told if sure})
    of_reports = flagged[~flagged["identifiers"].str.contains("pmid:81000077")]
    return dict(zip(of_reports["record_id"], of_reports["flag"], strict=True))


@pytest.mark.parametrize(
    ("what", "flag"),
    [
        (notice(f"Retraction: {TITLE}."), "retracted"),
        (notice(f"Retraction Note: {TITLE}.", type_="Journal Article"), "retracted"),
        (notice(f'Retraction notice to "{TITLE}" [Roads 12 (2011) 1-5].'), "retracted"),
        (notice(f"Retraction for Lind et al., {TITLE}."), "retracted"),
        (notice(f"Retraction: Lind O, et al. {TITLE}."), "retracted"),
        (
            notice(f"Notice of Retraction: Lind et al. {TITLE}. J Roads. 2011;4(2):1-9."),
            "retracted",
        ),
        (notice(f"Notice of Retraction: Lind O, Moss P. {TITLE}. Roads. 2011;4:1."), "retracted"),
        (notice(f"Notice of Retraction and Replacement: {TITLE}"), "retracted"),
        (notice(f"Retraction and republication: {TITLE}"), "retracted"),
        (notice(f"Retraction-{TITLE}", type_="Journal Article"), "retracted"),
        (notice(f"Retraction: “{TITLE}” by Lind O and Moss P.", type_=""), "retracted"),
        (notice(f'Retraction: "{TITLE}," by O. Lind', type_=""), "retracted"),
        (notice(f"Retraction: {TITLE} by Lind et al.", type_=""), "retracted"),
        (notice(f"Retraction: Lind O, et al. {TITLE}. Roads 2011;12:101-9", type_=""), "retracted"),
        (notice(f"Retraction: {TITLE.replace('randomised', 'randomized')}."), "retracted"),
        (notice(f"Retraction notice for: {TITLE}", type_=""), "retracted"),
        (notice(f"[Retraction] {TITLE}", type_=""), "retracted"),
        (notice(f'Retraction of Lind O et al. "{TITLE}."', type_=""), "retracted"),
        (notice(f"Retraction & replacement: {TITLE}", type_=""), "retracted"),
        (notice(f"Letter of retraction: {TITLE}", type_=""), "retracted"),
        (notice(f"Rétractation : {TITLE}", type_=""), "retracted"),
        (notice(f"Retrait de l’article : {TITLE}", type_=""), "retracted"),
        (notice(f"Zurückziehung: {TITLE}", type_=""), "retracted"),
        (notice(f"Retractación: {TITLE}", type_=""), "retracted"),
        (notice(f"Expression of concern: “{TITLE}” by Lind O", type_=""), "concern"),
        (notice(f"Expression of concern regarding {TITLE}", type_=""), "concern"),
        (notice(f"Editorial Note: {TITLE}", type_=""), "concern"),
        (notice(f"Editor's note: {TITLE}", type_=""), "concern"),
        (notice(f"Editors’ Note: {TITLE}.", type_="Editorial"), "concern"),
        (notice(f"Request for retraction: {TITLE}", type_=""), "concern"),
        (notice(f"Authors' request for retraction of “{TITLE}”", type_=""), "concern"),
        (notice(f"Editor's note: retraction of {TITLE}", type_=""), "retracted"),
        (notice("Editorial note: Salt, and roads of this issue", type_=""), ""),
        (notice(f"Editorial note on winter. {TITLE} and others", type_=""), ""),
        # What goes on is another report; what is like it is asked about.
        (notice(f"Retraction: {TITLE} in the hills"), ""),
        (notice("Retraction: Salt on icy roads of Mossland"), ""),
        (notice(f"Withdrawal: {TITLE}.", type_="", more=OWN_DOI), "retracted"),
        (notice(f"{TITLE} (Retraction of vol 4, pg 11, 2011)", type_=""), "retracted"),
        # A copy with identifiers of its own is of another report, a preprint perhaps.
        (notice(f"WITHDRAWN: {TITLE}.", type_="Journal Article"), ""),
        # Publishers call the notice so, under identifiers of its own.
        (notice(f"RETRACTED: {TITLE}.", type_="Journal Article"), "retracted"),
        (notice(f"Retracted: {TITLE}.", type_="Journal Article", more=OWN_DOI), "retracted"),
        (notice(f"[Retracted] {TITLE}.", type_="Journal Article", more=OWN_DOI), "retracted"),
        (notice(f"RETRACTED ARTICLE: {TITLE}.", type_="", more=OWN_DOI), "retracted"),
        (notice(f"{TITLE} (Retracted)", type_="", more=OWN_DOI), "retracted"),
        (notice(f"Retracted: {TITLE}.", year="2010", type_="Journal Article"), ""),
        (notice(f"Retracted: {TITLE} of the north.", type_="Journal Article"), ""),
        # By its type it is what was retracted, and no notice.
        (notice(f"RETRACTED: {TITLE}.", type_="Retracted Publication"), ""),
        (notice(f"Editorial Expression of Concern: {TITLE}.", type_="Editorial"), "concern"),
        (notice("Retraction.", more="ROF - Roads. 2011. doi: 10.5555/salt.1.\n"), "retracted"),
        (notice("Retraction.", more="ROF - Roads. 2011. PMID: 81000001\n"), "retracted"),
        (
            notice("Retraction", more="AB  - [This retracts the article DOI: 10.5555/salt.1.]\n"),
            "retracted",
        ),
        (
            notice(
                "Retraction",
                more="AB  - [This retracts the article on p. 3 in vol. 1, PMID: 81000001.]\n",
            ),
            "retracted",
        ),
        (
            notice(
                "Retraction", type_="", more="AB  - The article (10.5555/salt.1) was taken back.\n"
            ),
            "retracted",
        ),
        (
            notice(
                "Retraction", type_="", more="AB  - 10.5555/salt.1 has text of 10.5555/ice.9.\n"
            ),
            "",
        ),
        (notice(f"Retraction. {TITLE}", type_=""), "retracted"),
        (notice(f"Retraction: {TITLE}.", more="ROF - Roads 2011. doi: 10.5555/ice.9\n"), ""),
        (notice(f"Retraction: {TITLE}.", year="2009"), ""),
        (notice("Retraction: Salt on icy roads of Mossland: a second randomised trial."), ""),
        (notice("Retraction: Salt."), ""),
        (notice(f"Correction: {TITLE}.", type_="Published Erratum"), ""),
        (notice(f"{TITLE}: authors' reply.", type_="Letter"), ""),
    ],
)
def test_a_notice_flags_the_report_it_is_about_and_no_other(what, flag, tmp_path):
    other = PAPER.replace("8100000", "8100001").replace("salt.1", "salt.2")
    other = other.replace("Salt on", "Sand on")
    assert flags(PAPER + other + what, tmp_path) == {
        "doi:10.5555/salt.1": flag,
        "doi:10.5555/salt.2": "",
    }


ANSWERS = {
    "crossref.json": {
        "message": {
            "items": [
                {
                    "DOI": "10.5555/n.1",
                    "title": ["A notice"],
                    "container-title": [],
                    "update-to": [{"DOI": "10.5555/SALT.1", "type": "retraction"}],
                }
            ]
        }
    },
    "europe.json": {
        "resultList": {
            "result": [
                {
                    "id": "81000077",
                    "source": "MED",
                    "pmid": "81000077",
                    "pubYear": "2020",
                    "title": "Notice.",
                    "pubTypeList": {"pubType": ["Retraction of Publication"]},
                    "commentCorrectionList": {
                        "commentCorrection": [
                            {"id": "81000055", "source": "MED", "type": "Comment on"},
                            {"id": "81000001", "source": "MED", "type": "Retraction of"},
                        ]
                    },
                }
            ]
        }
    },
    "wos.txt": f"FN Clarivate\nVR 1.0\nPT J\nTI {TITLE} (Retraction of vol 12, pg 3, 2011)\n"
    "DT Retraction\nPY 2020\nUT WOS:1\nER\nEF\n",
    "scopus.csv": "Authors,Title,Year,Source title,DOI,Document Type,EID\n"
    f",Retraction notice to: {TITLE} (Roads (2011) 3:1 (1-5)),2020,Roads,,Retracted,2-s2.0-1\n",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_notices_of_other_sources(name, tmp_path):
    (tmp_path / "a.nbib").write_text(PAPER, encoding="utf-8")
    text = ANSWERS[name]
    (tmp_path / name).write_text(text if isinstance(text, str) else json.dumps(text))
    read = [export.read(tmp_path / f)[0].assign(file=f, source="") for f in ("a.nbib", name)]
    copies = pd.concat(read, ignore_index=True)
    linked, _, _, held = records.assemble(copies)
    assert len(linked) == 2  # a notice is not known by the names of its report
    ((_, flag, report, _),) = notices.found(copies, records.copy_names(copies), held, linked)
    assert (flag, report) == ("retracted", "doi:10.5555/salt.1")
    assert copies["doi"][1] != "10.5555/salt.1"


@pytest.mark.parametrize(("word", "flag"), [("REMOVED", "retracted"), ("WITHDRAWN", "withdrawn")])
def test_a_copy_that_says_what_became_of_it_flags_the_report_from_which_it_is_apart(
    word, flag, tmp_path
):
    """Without an identifier, in another export and year."""
    ris = f"TY  - JOUR\nTI  - {word}: {TITLE}\nJO  - Roads\nPY  - 2020\nER  - \n"
    (tmp_path / "a.nbib").write_text(PAPER, encoding="utf-8")
    (tmp_path / "b.ris").write_text(ris, encoding="utf-8")
    read = [export.read(tmp_path / f)[0].assign(file=f, source="") for f in ("a.nbib", "b.ris")]
    copies = pd.concat(read, ignore_index=True)
    linked, _, _, held = records.assemble(copies)
    told = notices.found(copies, records.copy_names(copies), held, linked)
    assert (flag, "doi:10.5555/salt.1") in {
        (flag, report) for _, flag, report, sure in told if sure
    }


def test_a_copy_without_the_mark_says_that_it_is_the_report_that_was_retracted(tmp_path):
    """Another report of that title, in another journal, is none of its business."""
    marked = PAPER.replace(f"TI  - {TITLE}", f"TI  - RETRACTED: {TITLE}")
    other = PAPER.replace("81000001", "81000002").replace("salt.1", "salt.2")
    found = flags(PAPER + other + marked, tmp_path)
    assert found == {"doi:10.5555/salt.1": "retracted", "doi:10.5555/salt.2": ""}
    # Of two such reports, both marked, one may be the notice on the other.
    assert flags(other + marked, tmp_path)["doi:10.5555/salt.2"] == "retracted"


def test_a_flagged_report_names_its_notices():
    made = pd.DataFrame({"record_id": ["a", "b"], "flag": ["", "preprint"]})
    named = records.flagged(made, {"a": {"retracted"}}, {"a": ["n", "m"]})
    assert named["flag"].tolist() == ["retracted", "preprint"]
    assert named["flagged_by"].tolist() == ["n m", ""]


def test_a_short_title_of_many_reports_is_told_by_its_doi_alone(tmp_path):
    short = PAPER.replace(TITLE, "Editorial")
    assert set(flags(short + notice("Retraction: Editorial."), tmp_path).values()) == {""}
    named = notice("Retraction: Editorial.", more="ROF - Roads. doi: 10.5555/salt.1\n")
    assert set(flags(short + named, tmp_path).values()) == {"retracted"}


def test_no_notice_no_word():
    nothing = pd.DataFrame()
    assert notices.found(nothing, [], nothing, nothing) == []


@pytest.mark.parametrize(
    ("title", "kind", "flag"),
    [
        ("Snow on roofs (Publication with expression of concern. See 50 (2))", "report", "concern"),
        ("Snow on roofs (Withdrawn Publication. See vol. 3)", "withdrawn", "withdrawn"),
        ("TEMPORARY REMOVAL: Snow on roofs", "withdrawn", "withdrawn"),
        ("Snow on roofs [Withdrawn]", "withdrawn", "withdrawn"),
        ("Snow on roofs. RETRACTED", "report", "retracted"),
        ("RETRACTED Snow on roofs", "report", "retracted"),
        ("Retracted and republished: Snow on roofs", "report", "retracted"),
        ("Partial retraction: Snow on roofs", "notice", "retracted"),
        ("Editor's retraction: Snow on roofs", "notice", "retracted"),
        ("Retraction of: Snow on roofs", "notice", "retracted"),
        ("Notification of retraction: Snow on roofs", "notice", "retracted"),
        ("Publisher's Expression of Concern: Snow on roofs", "concern", "concern"),
        # Words of surgery and of trials.
        ("Retracted rotator cuff tears: a cohort", "report", ""),
        ("Repair of massive (retracted) cuff tears", "report", ""),
        ("Repair of cuff tears: massive and retracted tendons", "report", ""),
        ("Retraction-induced injury of the liver", "report", ""),
        ("Repair of tears (retraction of tendon, vol 3)", "report", ""),
        ("Snow on roads (Retraction of vol 4, pg 11, 2019)", "notice", "retracted"),
        ("RETRACTED ROTATOR CUFF TEARS", "report", ""),
        ("Withdrawn patients in trials of snow", "report", ""),
        ("Withdrawal: a review of its symptoms", "report", ""),
    ],
)  # fmt: skip
def test_words_of_a_state_and_words_of_surgery(title, kind, flag):
    assert (kinds.kind(title), kinds.flag(title)) == (kind, flag)
    if "Snow" in title and kind != kinds.NOTICE and kind != kinds.CONCERN and flag:
        assert kinds.bare_title(title) == "Snow on roofs"


def told(text, folder, states=(), pairs=()):
    """(notice, what it says, report, sure) of what a run tells, but for what people answered."""
    (folder / "a.nbib").write_text(text, encoding="utf-8")
    copies = export.read(folder / "a.nbib")[0].assign(file="a.nbib", source="PubMed")
    linked, _, _, held = records.assemble(copies)
    found = notices.found(copies, records.copy_names(copies), held, linked)
    answers = pd.DataFrame(states, columns=["report", "state", "notice", "source", "seen_on"])
    parted = pd.DataFrame(pairs, columns=["record", "other", "decision"])
    return [tuple(one) for one in notices.waiting(found, linked, answers, parted)]


OTHER = (
    PAPER.replace("81000001", "81000002")
    .replace("salt.1", "sand.1")
    .replace(TITLE, "Sand on sandy tracks of Dryland: a cohort study")
)
PERHAPS = [("pmid:81000077", "retracted", "doi:10.5555/salt.1", False)]


@pytest.mark.parametrize(
    "title",
    [
        "Retraction: Salt on icy roads of Mossland",
        f"Retraction: {TITLE} in the hills",
        f"Retraction: {TITLE} B",
        f"Retraction: {TITLE} C, 2018",
        f"Retraction: {TITLE}. Another Journal 1999;3:4",
    ],
)
def test_a_notice_that_holds_most_of_a_title_waits_until_a_person_has_answered(title, tmp_path):
    given = PAPER + OTHER + notice(title, type_="")
    assert told(given, tmp_path) == PERHAPS
    state = ["10.5555/salt.1", "retracted", "PMID 81000077", "the journal", "2026-11-01"]
    assert told(given, tmp_path, states=[state]) == []
    for record, other in ((81000077, "10.5555/SALT.1"), ("doi:10.5555/salt.1", "pmid:81000077")):
        assert told(given, tmp_path, pairs=[[str(record), other, "different"]]) == []
    assert told(given, tmp_path, pairs=[["81000077", "10.5555/sand.1", "different"]]) == PERHAPS


@pytest.mark.parametrize(
    "title",
    [
        "Retraction: Grit on icy bridges of Mossland",
        "Retraction of authorship in reports on icy roads",
        "Retraction: a randomised trial",
        "Withdrawal of salt from icy roads of Mossland: a randomised trial",
    ],
)
def test_a_notice_on_something_else_asks_nothing(title, tmp_path):
    assert told(PAPER + OTHER + notice(title, type_=""), tmp_path) == []


def test_a_correction_that_an_export_tells_is_kept_with_its_notice(tmp_path):
    corrected = PAPER.rstrip("\n") + "\nEIN - Roads. 2012;5:1. PMID: 81000009\n\n"
    erratum = notice(f"Erratum: {TITLE}", type_="Published Erratum")
    (tmp_path / "a.nbib").write_text(corrected + erratum, encoding="utf-8")
    copies = export.read(tmp_path / "a.nbib")[0].assign(file="a.nbib", source="PubMed")
    linked, _, _, held = records.assemble(copies)
    names = records.copy_names(copies)
    searches = pd.DataFrame({"file": ["a.nbib"], "searched_on": ["2026-11-01"]})
    found = notices.found(copies, names, held, linked)
    rows = notices.table(found, copies, names, held, searches)
    assert rows[["report", "state", "notice", "sure"]].to_numpy().tolist() == [
        ["doi:10.5555/salt.1", "corrected", "pmid:81000009", True],
        ["doi:10.5555/salt.1", "corrected", "pmid:81000077", True],
    ]
    assert set(rows["seen_on"]) == {"2026-11-01"}


def test_the_table_of_retraction_watch_flags_its_report(tmp_path):
    row = f'"{TITLE}",Roads,Lind O,10.5555/notice.1,81000077,10.5555/salt.1,81000001,'
    (tmp_path / "watch.csv").write_text(
        "Title,Journal,Author,RetractionDOI,RetractionPubMedID,OriginalPaperDOI,"
        f"OriginalPaperPubMedID,RetractionNature,OriginalPaperDate\n{row}Retraction,3/1/2011\n"
    )
    watched = export.read(tmp_path / "watch.csv")[0]
    assert watched.loc[0, ["doi", "pmid"]].tolist() == ["10.5555/salt.1", "81000001"]
    assert kinds.flag(*watched.loc[0, ["title", "type", "doi", "journal"]]) == "retracted"


@pytest.mark.parametrize(
    "what",
    [
        notice(
            "Correction", type_="", more="AB  - [This corrects the article DOI: 10.5555/salt.1]\n"
        ),
        notice(f"{TITLE} (vol 12, pg 101, 2011)", type_=""),
        notice(f"{TITLE} (vol 12, e7101, 2011)", type_="Journal Article; Correction"),
        notice(f"Corrections to {TITLE}", type_=""),
    ],
)
def test_a_correction_reaches_its_report(what, tmp_path):
    assert _told(PAPER + what, tmp_path) == [("corrected", "doi:10.5555/salt.1", True)]


def test_a_notice_dated_before_the_issue_of_its_report_is_asked_about(tmp_path):
    """The paper could be read in 2010, and its issue came in 2011."""
    asked = [("retracted", "doi:10.5555/salt.1", False)]
    assert _told(PAPER + notice(f"Retraction Note: {TITLE}", year="2010"), tmp_path) == asked
    assert _told(PAPER + notice(f"Retraction Note: {TITLE}", year="2008"), tmp_path) == []


def _told(text, folder):
    """What is told, of which report, and how surely."""
    (folder / "a.nbib").write_text(text, encoding="utf-8")
    copies = export.read(folder / "a.nbib")[0].assign(file="a.nbib", source="PubMed")
    linked, _, _, held = records.assemble(copies)
    found = notices.found(copies, records.copy_names(copies), held, linked)
    return [(flag, report, sure) for _, flag, report, sure in found]
