"""CSV and TSV exports: which column is which, and rows that a stray quote cannot swallow."""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator

from livingmeta.screening import normalise, trial_numbers
from livingmeta.screening.readers import fields, sources
from livingmeta.screening.readers.tagged import Reject

# Column names as exporters write them, in lower case with anything but letters and digits
# left out; the first that holds something wins, so the better source of a field comes first.
# PubMed, PMC, Europe PMC, Zotero, Scopus, Embase, Web of Science (full names and two-letter
# tags), Cochrane, Rayyan, Covidence, ASReview, EPPI-Reviewer, Mendeley, Dimensions, Lens,
# ProQuest, EBSCO, IEEE, CINAHL, SciELO, ClinicalTrials.gov and our own records.csv; at the end of a
# line what tables in German, French, Spanish, Portuguese, Italian and Dutch call it.
SYNONYMS = {
    "title": "title articletitle documenttitle ti publicationtitle1 titel itemtitle "
    "studytitle papertitle recordtitle titleprimary primarytitle brieftitle publictitle "
    "titleofthetrial officialtitle scientifictitle fulltitle shorttitle displayname "
    "titletranslated originaltitle titre titulo titolo",
    "authors": "authorfullnames authors author authornames authorsfull af au authorlist "
    "authorsraw auteurs inventors creator creators authorsprimary primaryauthors "
    "authorshipsauthordisplayname authorshipsrawauthorname firstauthor autoren autor autorinnen "
    "verfasser auteur autores autori autore",
    "year": "year publicationyear publishedyear pubyear yearpublished py yearofpublication yr "
    "publicationdate date datepublished publicationdatedate pubdate coverdate issuedate "
    "dateofpublication issued dp earlyaccessdate ea createdate firstposted dateregistration "
    "startdate jahr erscheinungsjahr annee anneedepublication ano anno jaar",
    "journal": "journal sourcetitle publicationtitle journalbook journaltitle so secondarytitle "
    "publicationname journalname publication containertitle isojournalabbreviation "
    "abbreviatedsourcetitle journalabbreviation journalisoabbreviation t2 booktitle "
    "conferencename periodicalfull periodicalabbrev primarylocationsourcedisplayname "
    "bookseriestitle zeitschrift revue revista rivista tijdschrift",
    "volume": "volume vl vol volumen journalvolume bibliovolume volumenumber band jahrgang tome",
    "issue": "issue number is issuenumber journalissue biblioissue no publicationnumber heft "
    "ausgabe numero",
    "pages": "pages pagerange pagination page pg pagenumbers seiten paginas pagine",
    "first_page": "pagestart startpage firstpage bp beginningpage sp bibliofirstpage",
    "last_page": "pageend endpage lastpage ep endingpage otherpages bibliolastpage",
    "article_number": "artno articlenumber ar articleno",
    "doi": "doi di doilink digitalobjectidentifier digitalobjectidentifierdoi articledoi "
    "identifierdoi itemdoi idsdoi",
    "pmid": "pmid pubmedid medlinepmid pm pubmed mid pmidid idspmid",
    "pmcid": "pmcid pmc pmcidpmc pubmedcentralid idspmcid",
    "abstract": "abstract ab abstractnote abstracttext summary abstracts abstract1 "
    "originalabstract notesabstract briefsummary zusammenfassung resume resumen resumo "
    "riassunto samenvatting",
    "type": "type documenttype publicationtype itemtype dt sourcetype referencetype typeofwork "
    "articletype pubtype worktype entrytype contenttype doctype dokumenttyp typ tipo",
    "language": "language languageoforiginaldocument la languageofarticle languages "
    "languageofpublication sprache langue idioma lingua taal",
    "keywords": "keywords authorkeywords de indexkeywords manualtags automatictags keywordsplus "
    "id1 meshterms emtreedrugindexterms "
    "emtreemedicalindextermsmajorfocus emtreemedicalindexterms tags subjects kw mh "
    "conditions condition medicalconditions interventions intervention schlagworte "
    "schlagworter stichworter motscles palabrasclave palavraschave parolechiave",
    "url": "url link urls ur links link1 openurllink sourceurl fulltextlink fulltexturl doiurl "
    "studyurl webaddress plink cochranereviewurl",
    "retracted": "isretracted retracted",
    "note": "note notes extra comments publicationstage retraction retractionstatus",
    "source": "source citation reference",
    "hidden": "cochranereviewid centralid "
    "accessionnumber an extid ut utuniquewosid eid cochraneid externalid ids otherids",
}
# What stands beside a trial's number in a register's table; elsewhere these names mean other
# things.
REGISTER = {
    "registration": "nctnumber nctid trialid isrctn isrctnid trialnumber eudractnumber ctnumber "
    "euctnumber trialregistrationnumber registrationnumber",
    "status": "studystatus overallstatus overalltrialstatus overallstudystatus recruitmentstatus "
    "trialstatus status",
    "registered": "firstsubmitted studyfirstsubmitted dateregistration3 dateregistration "
    "registrationdate dateofregistration dateassigned firstposted studyfirstposted",
    "started": "startdate dateenrollement dateenrolment overallstartdate overallstudystartdate "
    "recruitmentstartdate recruitmentstart",
    "completed": "completiondate enddate overallenddate overallstudyenddate primarycompletiondate "
    "recruitmentenddate resultsdatecompleted",
    "updated": "lastupdateposted lastrefreshedon lastupdated lastedited",
    "sponsor": "sponsor primarysponsor sponsorname leadsponsor sponsorcosponsors "
    "sponsorcollaborators",
    "enrolment": "enrollment targetsize totalfinalenrolment totalnumberenrolled "
    "numberofparticipantsenrolled targetnumberofparticipants targetenrolment",
    "results": "studyresults resultsyesno trialresults resultsfirstposted",
    "outcomes": "primaryoutcomemeasures primaryoutcomemeasure primaryoutcomes primaryoutcome",
    "other_outcomes": "secondaryoutcomemeasures secondaryoutcome otheroutcomemeasures",
}
COLUMN_OF = {name: column for column, names in SYNONYMS.items() for name in names.split()}
_REGISTER = {name: column for column, names in REGISTER.items() for name in names.split()}


# A column that means another thing where the one behind it stands too: Web of Science's PG is the
# number of pages beside BP, the first page.
_NOT_WITH = {"pg": "bp"}
_SPRINGER = frozenset(["itemtitle", "itemdoi", "contenttype"])


def key(name: str) -> str:
    """A column name in the spelling of `SYNONYMS`."""
    name = name.strip().lower().replace("#", "no")
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name)
    return re.sub(r"[^a-z0-9]", "", name)


def columns(header: list[str]) -> dict[str, list[int]]:
    """Where each of our columns stands in a header, best source first."""
    found: dict[str, list[int]] = {}
    rank = {name: i for i, name in enumerate(COLUMN_OF)}
    names = list(map(key, header))
    keyed = [
        (rank[k], i)
        for i, k in enumerate(names)
        if k in COLUMN_OF and _NOT_WITH.get(k) not in names
    ]
    for _, place in sorted(keyed):
        found.setdefault(COLUMN_OF[names[place]], []).append(place)
    for at, name in enumerate(names):
        if name in _REGISTER:
            found.setdefault(_REGISTER[name], []).append(at)
    if "registration" not in found:
        found = {column: at for column, at in found.items() if column not in sources.TRIAL}
    if "authors" in found and set(names) >= _SPRINGER:
        found["glued_authors"] = found.pop("authors")
    return found


def header_of(lines: list[str]) -> tuple[int, str, dict[str, list[int]]] | None:
    """Line, delimiter and columns of the header, or None where no header is.

    Looks through the first 25 lines, since some vendors write a paragraph above the table.
    A header names a title or an identifier and at least one more known column.
    """
    best = None
    for number, line in enumerate(lines[:25]):
        if not line.strip() or len(line) > 20_000:
            continue
        for delimiter in (",", "\t", ";", "|"):
            if delimiter not in line:
                continue
            found = columns(next(csv.reader([line], delimiter=delimiter), []))
            known = len(found) - ("source" in found) - ("hidden" in found)
            named = not {"title", "doi", "pmid", "pmcid"}.isdisjoint(found)
            if named and known >= 2 and (best is None or known > best[0]):
                best = known, (number, delimiter, found)
        if best:
            return best[1]
    return None


# Scopus puts hundreds of references into a cell; the library's limit is 128 KB
csv.field_size_limit(max(csv.field_size_limit(), 100_000_000))

ANOTHER = "the header of another table; the rows below it are read by its names"
_VALUE = re.compile(r"(?:19|20)\d\d$|10\.\d{4,9}/")  # a year, a DOI: no names of columns


# Names of columns as they mostly stand, so that few rows need a closer look.
_HEADS = frozenset(
    spelt
    for name in (*COLUMN_OF, "publication year", "article title", "source title", "document type")
    if len(name) > 2 or name in ("ti", "au")
    for spelt in (name, name.upper(), name.title(), name.capitalize())
)


def _another(line: str, cells: list[str], delimiter: str) -> tuple[str, list[str], dict] | None:
    """Delimiter, cells and columns of a line that heads a further table; None where it is a row."""
    if len(cells) > 1 and len(_HEADS.intersection(map(str.strip, cells))) < 2:
        return None
    if len(cells) == 1:  # it may be parted by something else
        if not (told := header_of([line])):
            return None
        delimiter = told[1]
        cells = next(csv.reader([line], delimiter=delimiter))
    found, filled = columns(cells), [cell for cell in cells if cell.strip()]
    named = not {"title", "doi", "pmid", "pmcid"}.isdisjoint(found)
    said = any(_VALUE.match(cell) or len(cell.split()) > 6 for cell in filled)
    names = len(found) >= 3 or (len(found) == 2 and len(filled) <= 4)
    return (delimiter, cells, found) if named and names and not said else None


def split(
    lines: list[str], start: int, delimiter: str, found: dict[str, list[int]]
) -> Iterator[tuple[int, int, list[str], dict[str, list[int]]] | Reject]:
    """Rows below the header as (first line, one past the last, cells, where each of our columns
    stands), 0-based; `found` is that of the header. Below the header of a further table its own
    counts.

    A row whose cells do not fit the header is tried again on its first line alone: a quote that
    was never closed costs its own row, not all those that it would have swallowed.
    """
    header = next(csv.reader([lines[start]], delimiter=delimiter))
    width = len(header)
    if any(_VALUE.match(cell) or len(cell.split()) > 6 for cell in header):
        yield Reject(start, start + 1, "the header and a row stand on one line; part them")
    at = start + 1
    while at < len(lines):
        if not lines[at].strip(f' {delimiter}"'):
            at += 1
            continue
        stop, cells, closed = logical_row(lines, at, delimiter)
        while closed and len(cells) > width and not cells[-1].strip():
            cells.pop()
        if closed and cells != header and (below := _another(lines[at], cells, delimiter)):
            delimiter, header, found = below
            width = len(header)
            yield Reject(at, stop, ANOTHER)
            at = stop
            continue
        if (
            closed
            and len(cells) == width
            and (stop - at == 1 or not _swallowed(cells, delimiter, width))
        ):
            once_more = Reject(at, stop, "the header once more")
            yield once_more if cells == header else (at, stop, cells, found)
            at = stop
            continue
        if alone := _alone(lines[at], delimiter, width):
            yield at, at + 1, alone, found
            at += 1
            continue
        if closed and 1 < len(cells) < width and not _swallowed(cells, delimiter, width):
            empty = [""] * (width - len(cells))  # left out at the end
            yield at, stop, cells + empty, found
            at = stop
            continue
        reason = (
            f"{len(cells)} cells where the header has {width}; "
            f"quote a cell that holds {delimiter!r}"
            if closed
            else "a quotation mark opens here and is never closed"
        )
        if closed and stop - at > 1 and len(cells) == width:
            reason = "a quotation mark that is not closed in its row takes in the rows below it"
        yield Reject(at, at + 1, reason)
        at += 1


def logical_row(lines: list[str], at: int, delimiter: str) -> tuple[int, list[str], bool]:
    """One logical row from line `at`: one past its last line, its cells, whether it closed."""
    line = lines[at]
    # a quotation mark within a cell of a tab-delimited line is text
    if '"' not in line or (delimiter == "\t" and line[:1] != '"' and '\t"' not in line):
        return at + 1, line.split(delimiter), True
    stop = at + 1
    quotes = line.count('"')
    while quotes % 2 and stop < len(lines) and stop - at < 2_000:
        quotes += lines[stop].count('"')
        stop += 1
    cells = next(
        csv.reader(
            ["\n".join(lines[at:stop])]
            if stop - at == 1
            else (f"{part}\n" for part in lines[at:stop]),
            delimiter=delimiter,
        )
    )
    return stop, cells, quotes % 2 == 0


def _alone(line: str, delimiter: str, width: int) -> list[str]:
    """The cells of a line whose quotation marks are text, as in Web of Science; else []."""
    if delimiter == "\t":
        cells = [cell.strip('"') for cell in line.split("\t")]
    else:
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True))
        except csv.Error:
            return []
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    return cells if len(cells) == width else []


def _swallowed(cells: list[str], delimiter: str, width: int) -> bool:
    """Whether a cell holds lines that look like whole rows of this very table."""
    return width > 2 and any(
        part.count(delimiter) >= width - 1
        for cell in cells
        for part in cell.split("\n")[1:]
        if delimiter != "," or part.count('",') > 1
    )


_YES = frozenset(["true", "yes", "y", "1", "retracted"])


def row(cells: list[str], found: dict[str, list[int]]) -> dict[str, str]:
    """One row in the columns of `fields.COLUMNS`, every field normalised."""

    def every(column: str) -> list[str]:
        return [cells[i] for i in found.get(column, ()) if cells[i].strip()]

    return row_of(every)


def row_of(filled: Callable[[str], list[str]]) -> dict[str, str]:
    """One row, from a function that gives the filled cells of one of our columns."""

    def every(column: str) -> list[str]:
        found = filled(column)
        if column not in normalise.BIBLIOGRAPHIC:
            return found
        return [value for value in found if not normalise.absent(value, column)]

    def one(column: str) -> str:
        return next(iter(every(column)), "")

    def first(column: str, function: Callable[[str], str]) -> str:
        return next(filter(None, map(function, every(column))), "")

    names = [
        name
        for value in every("authors")[:1] or list(map(_parted, every("glued_authors")[:1]))
        for name in normalise.split_authors(_plain(value))
    ]
    yes = any(value.strip().lower() in _YES for value in every("retracted"))
    retracted = ["Retracted Publication"] if yes else []
    out = {
        "title": normalise.title(one("title")),
        "authors": normalise.authors(names),
        "year": first("year", normalise.year),
        "journal": normalise.text(one("journal")),
        "volume": normalise.text(one("volume")),
        "issue": normalise.text(one("issue")),
        "pages": normalise.pages(one("pages"))
        or normalise.page_range(one("first_page"), one("last_page"))
        or normalise.text(one("article_number")),
        "doi": first("doi", normalise.doi),
        "pmid": first("pmid", normalise.pmid),
        "pmcid": first("pmcid", normalise.pmcid),
        "abstract": normalise.text(one("abstract")),
        "type": "; ".join(dict.fromkeys([*map(normalise.text, every("type")), *retracted])),
        "language": normalise.language(one("language")),
        "keywords": normalise.keywords(every("keywords")),
        "url": normalise.text(one("url")),
        "note": normalise.text("; ".join(every("note"))),
    }
    for source in every("source"):
        fields.fill_from_source(out, normalise.text(source))
        if not out["journal"] and not any(c.isdigit() for c in source):
            out["journal"] = normalise.text(source)
    hidden = {"AN": every("hidden"), "UR": every("url"), "N1": every("note"), "UT": every("pmid")}
    out["doi"] = out["doi"] or fields.hidden_doi(hidden)
    out["pmid"] = out["pmid"] or fields.hidden_pmid(hidden)
    out["pmcid"] = out["pmcid"] or fields.hidden_pmcid(hidden)
    whole = out["title"] and out["year"] and out["doi"] and out["pmid"]  # as most rows are
    lost = (
        {}
        if whole
        else {
            "PMID": [v for v in every("pmid") if not (out["pmid"] or normalise.pmcid(v))],
            "DOI": [v for v in every("doi") if not out["doi"] and "10." not in v],
            "year": [] if out["year"] else every("year"),
        }
    )
    broken = {"title": [] if out["title"] else every("title")}  # by a spreadsheet: #NAME?
    return out | registered(every, out) | fields.aside(out["doi"], every("doi")[:1], lost, broken)


def registered(every: Callable[[str], list[str]], out: dict[str, str]) -> dict[str, str]:
    """What a register says of its trial; nothing where the row holds no number of a register.

    A trial's further titles go into its note.
    """
    cells = (trial_numbers.number(v, out["journal"]) for v in every("registration"))
    numbers = list(dict.fromkeys(filter(None, cells)))  # its own, then those of other registers
    if not numbers:
        return {}
    titles = dict.fromkeys(map(normalise.title, every("title")))
    note = [title for title in titles if title != out["title"]]
    said = {c: normalise.text(next(iter(every(c)), "")) for c in sources.TRIAL}
    said |= {c: " | ".join(map(normalise.text, every(c))) for c in ("outcomes", "other_outcomes")}
    return said | {
        "registration": " ".join(numbers),
        "type": "; ".join(filter(None, [out["type"], "trial registration"])),
        "note": "; ".join(filter(None, [*note, out["note"]])),
    }


# Springer writes names one after another: `Andy SmithTom B. Weber`; a capital within a name
# (McDonald, DeVries) follows one of these.
_GLUED = re.compile(
    r"(?<=[a-zß-öø-ÿ])(?<!\bMc)(?<!\bMac)(?<!\bDe)(?<!\bDi)(?<!\bDu)(?<!\bLa)(?<!\bLe)(?<!\bVan)"
    r"(?<!\bvan)(?<!\bde)(?<!\bFitz)(?=[A-ZÀ-ÖØ-Þ])"
)


def _parted(value: str) -> str:
    """Names that Springer has glued together, with a semicolon between."""
    return value if ";" in value or "," in value else _GLUED.sub("; ", value)


def _plain(value: str) -> str:
    """Authors without Scopus' numbers: `Kim, K. (123456); Lee, J. (7890)`."""
    return re.sub(r"\s*\(\d{6,}\)", "", value)
