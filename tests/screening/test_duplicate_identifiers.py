"""An identifier joins only what it belongs to, kinds stay apart, and people's word is kept."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.screening import kinds, normalise
from livingmeta.screening.duplicates import links as duplicates
from livingmeta.screening.duplicates import records as records_of
from livingmeta.screening.duplicates.entries import prepare
from livingmeta.screening.readers import export

PAPER = {
    "title": "Cooling of the ward and sleep of patients with made-up fever",
    "authors": "Ames, A; Bell, B; Cole, C",
    "year": "2019",
    "journal": "Journal of Made-Up Wards",
    "volume": "12",
    "issue": "3",
    "pages": "101-109",
    "doi": "10.5555/ward.12",
    "pmid": "90000801",
    "type": "Journal Article",
}
KINDS = {
    kinds.REPORT: {},
    kinds.ABSTRACT: {"type": "Conference Abstract"},
    kinds.CHAPTER: {"type": "book chapter"},
    kinds.BOOK: {"type": "book"},
    kinds.REGISTRATION: {"type": "Trial registry record", "journal": "ClinicalTrials.gov"},
    kinds.PREPRINT: {"type": "preprint", "journal": "medRxiv"},
    kinds.ERRATUM: {"type": "Published Erratum"},
    kinds.NOTICE: {"type": "Retraction of Publication"},
    kinds.CONCERN: {"type": "Expression of Concern"},
}


def _find(*rows, settled=None):
    table = pd.DataFrame(rows).fillna("")
    if "record_id" not in table:
        table = table.assign(record_id=[f"r{n}" for n in range(len(rows))])
    return duplicates.find(table, settled=settled)


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        ("10.1002/central/CN-01234567", ""),
        ("https://www.cochranelibrary.com/central/doi/10.1002/central/CN-01234567/full", ""),
        ("https://press.example/doi/suppl/10.5555/abc.1/suppl_file/a.pdf", "10.5555/abc.1"),
        ("https://press.example/cms/10.5555/abc.1/attachment/77/mmc1.pdf", "10.5555/abc.1"),
        ("https://press.example/cms/10.5555/asset/77/cover.jpg", ""),
        ("10.1371/journal.pone.7654321.g002", "10.1371/journal.pone.7654321"),
        ("10.5555/figures.1", "10.5555/figures.1"),
    ],
)
def test_a_doi_is_the_reports_own(written, doi):
    assert normalise.doi(written) == doi


@pytest.mark.parametrize("written", ["0", "000", "0.0", "PMID: 0", "PMID:0000"])
def test_no_report_has_pmid_0(written):
    assert normalise.pmid(written) == ""


@pytest.mark.parametrize("written", ["NA", "N/A", " NA ", "<NA>", "NaN", "NULL"])
def test_what_programs_write_for_nothing_is_nothing(written):
    assert normalise.text(written) == normalise.title(written) == normalise.author(written) == ""


@pytest.mark.parametrize("said", ["n/a", "null", "None", "[not available]", "Not reported", "-"])
@pytest.mark.parametrize("ris", [True, False])
def test_a_copy_that_says_that_its_fields_are_missing_is_a_copy(tmp_path, said, ris):
    path = tmp_path / "reeds"
    whole = [
        "Reeds in made-up ponds and what they drink",
        "Reed, Ada",
        "2019",
        "J Pond",
        "7",
        "3-9",
    ]
    tags = ["TI", "AU", "PY", "JO", "VL", "SP"]
    rows = [whole, [whole[0], said, "2019", said, said, said]]
    if ris:
        records = ("".join(f"{t}  - {v}\n" for t, v in zip(tags, row, strict=True)) for row in rows)
        path.write_text("".join(f"TY  - JOUR\n{record}ER  -\n" for record in records))
    else:
        header = "Title,Authors,Year,Journal,Volume,Pages"
        path.write_text("\n".join([header, *(",".join(f'"{v}"' for v in row) for row in rows)]))
    copies = export.read(path)[0]
    assert copies.loc[1, ["authors", "journal", "volume", "pages"]].tolist() == [""] * 4
    held = records_of.assemble(copies.assign(source="x"))
    assert (len(held[0]), len(held[2])) == (1, 0)


def test_words_that_only_look_like_nothing_stay():
    assert normalise.author("Na, Li") == "Na, Li"
    assert normalise.author("Null, Ada") == "Null, Ada"
    assert normalise.title("Na and K in made-up waters") == "Na and K in made-up waters"


@pytest.mark.parametrize("one", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_kinds_are_told_and_never_joined(one, other):
    a, b = {**PAPER, **KINDS[one]}, {**PAPER, **KINDS[other]}
    assert (prepare("a", a).kind, prepare("b", b).kind) == (one, other)
    links, doubtful = _find(a, b)
    assert len(links) == (one == other)
    assert len(doubtful) == (one != other)  # they share a DOI and a PMID, so a person looks


FIELDS = ("doi", "pmid", "pages", "volume", "issue", "authors", "journal")


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(sorted(KINDS)), st.sets(st.sampled_from(FIELDS))),
        min_size=2,
        max_size=8,
    ),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_no_group_holds_two_kinds_whatever_is_missing_and_in_any_order(rows, data):
    records = [
        {**PAPER, **KINDS[kind], **dict.fromkeys(gone, ""), "record_id": f"{kind}/{n}"}
        for n, (kind, gone) in enumerate(rows)
        if not (kind in (kinds.REGISTRATION, kinds.PREPRINT) and "journal" in gone)
    ]
    if len(records) < 2:
        return
    links, doubtful = _find(*records)
    for copy, kept in zip(links["record_id"], links["duplicate_of"], strict=True):
        assert copy.split("/")[0] == kept.split("/")[0]
    again = _find(*data.draw(st.permutations(records)))
    pd.testing.assert_frame_equal(again[0], links)
    pd.testing.assert_frame_equal(again[1], doubtful)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Songs in the ward and appetite of patients with made-up fever"},
        {"authors": "Zorn, Z; Yule, Y"},
        {"title": "Cooling of the ward and hunger of patients with made-up fever"},
        {"title": PAPER["title"] + " part 2"},
    ],
)
def test_another_title_or_other_authors_under_one_doi_are_a_doubt(change):
    other = {**PAPER, "pmid": "", "pages": "", **change}
    links, doubtful = _find({**PAPER, "pages": ""}, other)
    assert links.empty
    assert len(doubtful) == 1


def test_a_supplement_with_many_abstracts_asks_nothing():
    subjects = ["sleep", "hunger", "thirst", "gait", "speech", "memory"]
    rows = [
        {"title": f"What {word} {word}s in {n} made-up {word} wards", "doi": "10.5555/suppl.9",
         "authors": f"Author{chr(97 + n)}, A", "year": "2018", "pages": f"S{n + 11}"}
        for n, word in enumerate(subjects)
    ]  # fmt: skip
    copy = {**rows[2], "authors": rows[2]["authors"].upper(), "doi": "10.5555/own.2"}
    links, doubtful = _find(*rows, copy)
    assert len(links) == 1  # its own DOI is not another one than the supplement's
    assert set(links.iloc[0][["record_id", "duplicate_of"]]) == {"r2", "r6"}
    assert doubtful.empty


def test_two_abstracts_on_one_numbered_page_of_a_supplement():
    one = {"authors": "Ames, A; Bell, B", "year": "2011", "journal": "Ward J", "volume": "32",
           "issue": "Suppl. 1", "pages": "597"}  # fmt: skip
    title = "Survival after cooling of the made-up ward in {}"
    links, _ = _find({**one, "title": title.format("men")}, {**one, "title": title.format("women")})
    assert links.empty
    links, _ = _find(
        {**one, "title": "Songs lower fever"}, {**one, "title": "Diet and made-up gout"}
    )
    assert links.empty


def test_registrations_are_told_by_their_number():
    title = {"title": "A made-up phase 3 study of cooling in adults with fever"}
    links, doubtful = _find(
        {**title, "authors": "NCT09000081", "journal": "https://clinicaltrials.gov/show/NCT09000081"},
        {**title, "journal": "ClinicalTrials.gov", "url": "https://clinicaltrials.gov/study/NCT09000081"},
        {**title, "journal": "ClinicalTrials.gov", "url": "https://clinicaltrials.gov/study/NCT09000082"},
        {**title, "url": "https://clinicaltrials.gov/study/NCT09000083"},
        {**title, "authors": "Ames, A", "journal": "Ward J", "type": "Journal Article"},
    )  # fmt: skip
    assert len(links) == 1
    assert set(links.iloc[0][["record_id", "duplicate_of"]]) == {"r0", "r1"}
    assert doubtful.empty


@pytest.mark.parametrize(
    "odd", [{"issue": "4"}, {"year": "2016", "pages": ""}, {"year": "2021", "pages": ""}]
)
def test_one_odd_field_is_a_doubt(odd):
    bare = {**PAPER, "doi": "", "pmid": "", "pages": ""}
    links, doubtful = _find(bare, {**bare, **odd})
    assert links.empty
    assert len(doubtful) == 1


@pytest.mark.parametrize("turn", [1, -1])
def test_a_further_copy_goes_to_the_one_it_equals_most(turn):
    abstract = "We cooled the ward and counted hours of sleep in made-up patients. " * 8
    a = {**PAPER, "record_id": "a", "pages": "101-109", "abstract": abstract}
    b = {**PAPER, "record_id": "b", "pages": "", "year": "2018", "pmid": ""}
    like_b = {**b, "record_id": "c"}
    like_a = {**a, "record_id": "d"}
    parted = pd.DataFrame(
        {"record_id": ["a"], "duplicate_of": ["b"], "same": [False], "decided_by": ["kim"]}
    )
    links, doubtful = _find(*[a, b, like_b, like_a][::turn], settled=parted)
    groups = {
        frozenset(pair) for pair in zip(links["record_id"], links["duplicate_of"], strict=True)
    }
    assert groups == {frozenset("ad"), frozenset("bc")}
    assert doubtful.empty


def test_doubts_are_ranked_and_hang_together():
    """One row for two groups of copies; pairs that share a record stand below each other."""
    bare = {**PAPER, "doi": "", "pmid": "", "pages": ""}
    rows = [{**bare, "issue": str(n), "record_id": f"i{n}"} for n in (1, 2, 3)]
    rows.append({**bare, "issue": "1", "record_id": "i1-copy"})
    elsewhere = {**bare, "title": "Another long title of a made-up study of the ward", "issue": ""}
    rows.append({**elsewhere, "record_id": "x"})
    rows.append({**elsewhere, "volume": "", "journal": "Quite Other Gazette", "record_id": "y"})
    links, doubtful = _find(*rows)
    assert len(links) == 1
    assert len(doubtful) == 4
    assert set(doubtful.iloc[0][["record_id", "duplicate_of"]]) == {"x", "y"}
    assert doubtful["score"].is_monotonic_decreasing


WORDS = (
    "We followed made-up patients in cooled wards for a year and counted hours of sleep every "
    "night with a made-up clock while nurses wrote down fever pulse and breath before and "
    "after every meal Sleep was longer by 41 minutes in 212 patients and fever shorter by 3 "
    "days than in 198 others "
)


@pytest.mark.parametrize(
    "garbled",
    [
        {"title": "Original Article Cooling of the ward and sleep of patients with made-up fever"},
        {"title": "Cooling of the ward and sleep of pa- tients with made-up fever1"},
        {"title": "COOLINGOF THE WARD AND SLEEP OF PATIENTS WITH MADE-UP FEVER", "authors": ""},
        {"authors": "A. Ames1,2, B. Bell2 and C. Cole1,*"},
    ],
)
def test_what_a_pdf_makes_of_a_record(garbled):
    gone = dict.fromkeys(("doi", "pmid", "journal", "volume", "issue", "pages", "year", "type"), "")
    pdf = {**PAPER, **gone, "abstract": "A B S T R A C T " + WORDS, **garbled}
    links, doubtful = _find({**PAPER, "abstract": WORDS}, pdf)
    assert len(links) == 1
    assert doubtful.empty


def test_companions_have_their_own_numbers_in_the_abstract():
    gone = dict.fromkeys(("doi", "pmid", "journal", "volume", "issue", "pages", "type"), "")
    other = (
        WORDS.replace("41", "17").replace("212", "90").replace("3 days", "8").replace("198", "71")
    )
    pdf = {**PAPER, **gone, "abstract": other}
    pdf["title"] = "Cooling of the ward and hunger of patients with made-up fever"
    assert _find({**PAPER, "abstract": WORDS}, pdf)[0].empty
