"""References: numbered once for all outputs, set in one style, and handed on to managers."""

import json
import re

import pandas as pd
import pytest

import render
from livingmeta import tables
from livingmeta.errors import InputError, InternalError
from livingmeta.package import references
from livingmeta.prose import markdown
from livingmeta.references import vancouver, works
from livingmeta.report import body, content_file
from livingmeta.report.content import Document, Heading, Items, plain
from livingmeta.report.document import docx, papers, typst
from livingmeta.report.prose.citations import Citations
from livingmeta.screening.readers import export
from livingmeta.words.numbers import Numbers
from made_up_document import parts


def row(schema, **cells):
    contract = tables.schema(schema)["columns"]
    return {n: "" if r["type"] == "string" else None for n, r in contract.items()} | cells


def table(schema, *rows):
    return pd.DataFrame([row(schema, **r) for r in rows]) if rows else tables.empty(schema)


def record(number, **more):
    doi = f"10.1000/{number}"
    said = {"record_id": f"doi:{doi}", "doi": doi, "title": f"Work {number}"}
    return said | {"authors": f"Zeta{number}, Ann", "year": "2020"} | more


def of_a_review():
    """A study of two reports, one of them retracted; one excluded, two waiting, one ongoing."""
    return {
        "records": table(
            "screening/records",
            record(1, authors="Kim, Su-Jin; Lee, K.H.", volume="3", issue="4", pages="5-9"),
            record(2, authors="Ahn, B", flag="retracted"),
            *(record(n) for n in (3, 4, 5)),
            record(6, record_id="reg", doi="", title="A trial", url="https://example.org/1"),
            record(7),
        ),
        "included": table(
            "screening/included",
            {"record_id": "doi:10.1000/1", "study_id": "kim"},
            {"record_id": "doi:10.1000/2", "study_id": "kim"},
            {"record_id": "doi:10.1000/99", "study_id": "nobody", "title": "Found by nobody"},
        ),
        "excluded": table(
            "screening/excluded",
            {"record_id": "doi:10.1000/3", "stage": "full-text", "reason": "drug"},
            {"record_id": "doi:10.1000/7", "stage": "title-abstract"},
        ),
        "awaiting": table(
            "screening/awaiting",
            {"record_id": "doi:10.1000/4", "stage": "full-text"},
            {"record_id": "doi:10.1000/5", "stage": "title-abstract"},
            {"record_id": "reg", "stage": "full-text"},
        ),
        "trials": table(
            "screening/trials",
            {
                "number": "NCT01234567",
                "register": "ClinicalTrials.gov",
                "record_id": "reg",
                "title": "A trial",
                "sponsor": "A hospital",
                "status": "Recruiting",
                "ongoing": True,
            },
        ),
        "studies": table("extraction/studies", {"study_id": "kim", "label": "Kim 2020"}),
    }


def made(cited=None):
    found = of_a_review()
    cited = pd.DataFrame() if cited is None else cited
    groups = works.groups(found, {"drug": "Another drug"})
    return Citations(groups, works.others(found["records"], cited, {"doi:10.1000/7"}))


def said(work):
    return " ".join(piece.text for piece in work["pieces"])


def test_works_stand_in_their_groups_each_once():
    cite = made()
    assert [(g["name"], g["first"], len(g["works"])) for g in cite.listed()] == [
        ("included", 1, 3),
        ("excluded", 4, 1),
        ("awaiting", 5, 1),
        ("ongoing", 6, 1),
    ]
    included, excluded, _, ongoing = (g["works"] for g in cite.listed())
    assert [w["anchor"] for w in included] == ["ref-1", "ref-2", "ref-3"]
    assert [w["flag"] for w in included] == ["retracted", "", ""]
    assert said(included[2]) == "Kim SJ, Lee KH. Work 1. 2020;3(4):5-9. doi:10.1000/1"
    assert included[2]["note"] == "Kim 2020"
    assert said(included[1]) == "Found by nobody. doi:10.1000/99"
    assert excluded[0]["note"] == "Another drug"
    assert "NCT01234567, ClinicalTrials.gov, Recruiting." in said(ongoing[0])
    assert ongoing[0]["pieces"][-1].href == "https://example.org/1"


def test_a_citation_gives_all_reports_of_a_study_and_what_is_cited_besides_as_it_comes():
    cite = made()
    assert re.sub("<.*?>", "", cite(["kim"])) == "[1, 3]"
    assert re.sub("<.*?>", "", cite("wilson-1927")) == "[7]"
    assert re.sub("<.*?>", "", cite(["cohen-1960", "kim", "wilson-1927"])) == "[1, 3, 7, 8]"
    assert '<a href="#ref-8">8</a>' in cite("cohen-1960")
    assert re.sub("<.*?>", "", cite("doi:10.1000/7")) == "[9]"  # excluded by its title, and cited
    assert [w["anchor"] for w in cite.listed()[-1]["works"]] == ["ref-7", "ref-8", "ref-9"]
    assert [item["citation-number"] for item in cite.items()] == list(range(1, 10))
    with pytest.raises(InternalError):
        cite("nobody-2020")


def test_a_study_whose_reports_do_not_count_is_cited_by_its_name_all_the_same():
    found = of_a_review()
    studies = [
        {"study_id": "kim", "label": "Kim 2020"},
        {"study_id": "out", "label": "Out 2019", "records": "10.1000/3; 10.1000/4"},
    ]
    found["studies"] = table("extraction/studies", *studies)
    cite = Citations(works.groups(found, {}), {})
    assert re.sub("<.*?>", "", cite("out")) == "[4, 5]"
    assert cite.listed()[0]["works"] == made().listed()[0]["works"]


def test_works_of_a_file_are_cited_by_their_key_or_doi(tmp_path):
    path = tmp_path / "references.bib"
    path.write_text(
        "@article{smith2020, title={Things}, author={Smith, Ann}, year={2020}, doi={10.1000/zz}}\n"
        "@article{kim-again, title={Work 1}, author={Kim, S}, doi={10.1000/1}}\n"
        "@article{lee, title={Other things}, author={Lee, B}, year={2021}}\n"
    )
    cite = made(export.read(path)[0])
    assert {"smith2020", "doi:10.1000/zz", "lee"} <= set(cite.known)
    assert cite("smith2020") == cite("doi:10.1000/zz")
    assert cite("kim-again") == cite("doi:10.1000/1")  # a report of a study
    assert said(cite.listed()[-1]["works"][0]) == "Smith A. Things. 2020. doi:10.1000/zz"


def entry(key, title, more=""):
    return f"@article{{{key}, title={{{title}}}, author={{Smith, Ann}}, year={{2020}}{more}}}\n"


def brought(tmp_path, *entries, keys=()):
    path = tmp_path / "references.bib"
    path.write_text("".join(entries), encoding="utf-8")
    found = of_a_review()
    found["records"]["identifiers"] = [f"{r} pmid:70{n}" for n, r in enumerate(RECORDS)]
    return Citations(
        works.groups(found, {}), works.others(found["records"], export.read(path)[0], keys)
    )


RECORDS = of_a_review()["records"]["record_id"]


@pytest.mark.parametrize(
    ("entries", "key"),
    [
        ([entry("cohen-1960", "A colour atlas")], "cohen-1960"),
        ([entry("smith", "Sleep in mice"), entry("smith", "Diet of rats")], "smith"),
        ([entry("smith", "Sleep in mice", ", doi={10.1000/1}")], "doi:10.1000/1"),
    ],
)
def test_one_key_of_two_works_is_told(tmp_path, entries, key):
    with pytest.raises(InputError, match=f"references.bib, line .*'{key}' is '.*Call it otherwise"):
        brought(tmp_path, *entries)


def test_one_work_of_two_entries_goes_by_all_its_names(tmp_path):
    cite = brought(
        tmp_path,
        entry("cohen-1960", "A coefficient of agreement for nominal scales", ", doi={10.1000/c}"),
        entry("smith", "Sleep in mice", ", doi={10.1000/m}"),
        entry("smith-again", "Sleep in mice: a trial", ", doi={10.1000/m}"),
    )
    assert cite("cohen-1960") == cite("doi:10.1000/c")
    assert cite("smith") == cite("smith-again") == cite("doi:10.1000/m")
    [first, second] = cite.listed()[-1]["works"]
    assert "Educational and Psychological Measurement" in said(first)
    assert said(second).startswith("Smith A. Sleep in mice. 2020.")


def test_a_retracted_work_that_is_cited_is_marked(tmp_path):
    cite = brought(tmp_path, entry("x", "RETRACTED: Sleep in mice"), entry("y", "Diet of rats"))
    cite(["x", "y"])
    assert [work["flag"] for work in cite.listed()[-1]["works"]] == ["retracted", ""]


def test_a_report_is_cited_by_any_of_its_identifiers(tmp_path):
    keys = ["pmid:700", "PMID: 702", "https://doi.org/10.1000/1", "pmid:706"]
    cite = brought(tmp_path, entry("x", "Diet of rats"), keys=keys)
    assert cite("pmid:700") == cite("https://doi.org/10.1000/1") == cite("doi:10.1000/1")
    assert cite("PMID: 702") == cite("doi:10.1000/3")
    assert "Work 7" in said([cite("pmid:706"), cite.listed()[-1]["works"][0]][1])


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("[@doi:10.1002/x;2-2]", ["doi:10.1002/x;2-2"]),
        ("[@doi:10.1002/x;2-2; @kim]", ["doi:10.1002/x;2-2", "kim"]),
        ("[@kim;@lee]", ["kim", "lee"]),
        ("[@kim; lee]", ["kim", "lee"]),
    ],
)
def test_a_semicolon_within_a_doi_parts_no_keys(text, keys):
    blocks, faults = markdown.read(f"As said {text}.")
    assert faults == []
    [piece] = [p for block in blocks for p in block.pieces if p.kind == "cite"]
    assert piece.text.split() == keys


@pytest.mark.parametrize("content", ["", "not an export", "@article{x, author={Y}}"])
def test_a_file_of_works_that_cannot_be_read_is_told(tmp_path, content):
    path = tmp_path / "references.bib"
    path.write_text(content)
    with pytest.raises(InputError, match=r"references\.bib"):
        render._cited([str(path)])


@pytest.mark.parametrize(
    ("people", "text"),
    [
        ("Kim, Su-Jin", "Kim SJ"),
        ("Kim, SJ", "Kim SJ"),
        ("Kim, S.-J.", "Kim SJ"),
        ("van der Berg, Anna Maria", "van der Berg AM"),
        ("The Group", "The Group"),
        ("; ".join(f"A{n}, B" for n in range(6)), "A0 B, A1 B, A2 B, A3 B, A4 B, A5 B"),
        ("; ".join(f"A{n}, B" for n in range(7)), "A0 B, A1 B, A2 B, A3 B, A4 B, A5 B, et al"),
    ],
)
def test_authors_are_set_as_vancouver_has_them(people, text):
    item = works.item(record(1, authors=people))
    assert vancouver.pieces(item)[0].text == f"{text}."


# Of papers this old no DOI could be found.
WITHOUT_DOI = {"chapman-1951", "seber-1970"}


def test_every_work_that_a_template_cites_is_there_and_whole():
    templates = works.METHODS.parents[1] / "templates"
    text = "".join(path.read_text("utf-8") for path in templates.glob("*.jinja"))
    cited = set(re.findall(r'cite\("([^"]+)"\)', text))
    assert cited <= set(works.methods())
    for key, item in works.methods().items():
        assert {"type", "title", "author", "container-title", "issued"} <= set(item)
        assert ("DOI" in item) == (key not in WITHOUT_DOI)
        assert works.year(item) in key


def test_bibtex_and_ris_are_read_back_as_they_were(tmp_path):
    found = of_a_review()
    found["records"].loc[0, "title"] = "50% of {all} & more_of #1 ~ \\ $x^2"
    items = Citations(works.groups(found, {}), {}).items()
    json.dumps(items)
    for name, text in (("x.bib", references.bibtex(items)), ("x.ris", references.works_ris(items))):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        read, rejects = export.read(path)
        assert rejects.empty
        assert len(read) == len(items)
        assert read["doi"].tolist() == [item.get("DOI", "") for item in items]
        assert read["year"].tolist() == [works.year(item) for item in items]
    # Braces are taken for grouping by readers of BibTeX; RIS has none.
    assert read["title"].tolist()[1] == items[1]["title"]
    keys = re.findall(r"^@\w+\{([^,]+),", references.bibtex(items), flags=re.MULTILINE)
    assert len(set(keys)) == len(items)


def test_page_word_file_and_pdf_give_a_work_the_same_number():
    cite = made()
    section = (
        '<section id="x"><h2>X</h2><p>Said by '
        + str(cite("kim"))
        + '</p><ol start="4"><li id="ref-4">Fourth</li><li id="ref-5">Fifth</li></ol></section>'
    )
    document = body.read("<h1>x</h1>", section, Numbers().as_list())
    listed = next(block for block in document.main if isinstance(block, Items))
    assert (listed.first, listed.anchors) == (4, ("ref-4", "ref-5"))
    again = content_file.to_document(json.loads(json.dumps(content_file.of_document(document))))
    assert again == document
    report, _ = papers.cut(document)
    assert docx.write(report, {}, {}, [])
    assert typst.write(report, {}, []).startswith(b"%PDF-")


def test_the_made_up_report_ends_with_its_references():
    document: Document = parts()["document"]
    heads = [plain(b.runs) for b in document.main if isinstance(b, Heading) and b.level == 1]
    assert heads[-1] == "References"
    assert "references" in document.anchors
