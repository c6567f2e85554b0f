"""Answers of programs and exports of registers, JSON and XML, to rows by the lists of `sources`."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from livingmeta.screening.readers import delimited, fields, markup, sources

ZOTERO, ICTRP = "Zotero RDF", "ICTRP"
_LIST = re.compile(rf'"(?:{sources.LISTS})"\s*:\s*\[\s*(?=\{{)')
_SEPARATOR = re.compile(r"[\s,]*")
# What is tied to a report, in the words of Crossref and Europe PMC, as PubMed's tags.
_STATES = {
    "retraction": ("ROF", "RIN"), "removal": ("ROF", "RIN"), "partial_retraction": ("PROF", "PRIN"),
    "withdrawal": ("ROF", "RIN"), "expression_of_concern": ("ECF", "ECI"),
    "erratum": ("EFR", "EIN"), "corrigendum": ("EFR", "EIN"), "correction": ("EFR", "EIN"),
}  # fmt: skip
_EUROPE = {
    "retraction in": "RIN", "retraction of": "ROF", "expression of concern in": "ECI",
    "expression of concern for": "ECF", "erratum for": "EFR", "erratum in": "EIN",
    "partial retraction in": "PRIN",
}  # fmt: skip

_OF_NOTICES = frozenset(["ROF", "PROF", "ECF"])


def objects(text: str) -> Iterator[tuple[Any, int, int]]:
    """Each object of a JSON file, None where it is damaged, with where it begins and ends.

    A list of them, one a line, one alone, or the list within the answers of a program.
    """
    if not _LIST.search(text) or not (text.lstrip()[:1] == "{" or _are_answers(text)):
        for item, start, end in markup.split_json(text):
            yield (item or {}).get("message", item) if _is_work(item) else item, start, end
        return
    past = 0
    for opened in _LIST.finditer(text):
        if opened.start() < past:
            continue
        past = opened.end()
        for item, start, end in markup.split_json(text, past):
            yield item, start, end
            past = _SEPARATOR.match(text, end).end()  # type: ignore[union-attr]
            if text[past : past + 1] == "]":
                break


def _are_answers(text: str) -> bool:
    """Whether a list holds answers, pages of one search, and no records."""
    first = next(markup.split_json(text), (None, 0, 0))[0] or {}
    lists = [first[name] for name in sources.LISTS.split("|") if isinstance(first.get(name), list)]
    return any(found and all(isinstance(item, dict) for item in found) for found in lists)


def told(text: str) -> tuple[int | None, bool]:
    """How many records an answer says that its search found, None where it does not; and whether it
    says that more follow behind it. Of several answers in one file the greatest number counts."""
    opened = _LIST.search(text)
    around = text[: opened.end()] + text[text.rfind("]") :] if opened else ""
    found = [
        int(match[1])
        for where, patterns in ((text, sources.FOUND), (around, sources.FOUND_AROUND))
        for word, pattern in patterns.items()
        if word in where
        for match in re.finditer(pattern, where)
    ]
    follow = sum(len(re.findall(p, text)) for word, p in sources.FOLLOWS.items() if word in text)
    return max(found, default=None), follow > 0 and follow >= len(_LIST.findall(text))


def _is_work(item: Any) -> bool:
    """Whether an object is Crossref's answer on one work."""
    return isinstance(item, dict) and isinstance(item.get("message"), dict)


def row(item: dict[str, Any]) -> dict[str, str]:
    """One object in our columns: by its source's list, else by its names as columns of a table."""
    for name, (holds, columns) in sources.JSON.items():
        if all(part in item for part in holds.split()) and (
            name != "Zotero" or isinstance(item["data"], dict)
        ):
            return _row({column: _json(item, paths) for column, paths in columns.items()})
    names, cells = markup.cells(item)
    return delimited.row(cells, delimited.columns(names))


def rows(text: str, kind: str) -> Iterator[tuple[dict[str, str] | str, int, int, int, int]]:
    """Each record of an XML export of `kind`, or why there is none; lines, span of `elements`."""
    columns = sources.XML[kind][1]
    journals = _journals(text) if kind == ZOTERO else {}
    for root, first, stop, start, end in markup.elements(text, kind):
        if isinstance(root, str):
            yield root, first, stop, start, end
            continue
        if journals:
            _with_journal(root, journals)
        if kind == ICTRP:
            for part in root.iter():
                part.tag = part.tag.lower()
        found = {column: _xml(root, paths) for column, paths in columns.items()}
        if kind == ZOTERO:
            found["authors"] = _people(root)
        yield _row(found), first, stop, start, end


def sound(text: str) -> bool:
    """Whether a whole file is well-formed XML."""
    if "<!" in text:  # nothing that a file declares is expanded
        return False
    try:
        ElementTree.fromstring(text.strip())
    except ElementTree.ParseError:
        return False
    return True


def _row(found: dict[str, list[str]]) -> dict[str, str]:
    """A row of what a source's list found."""
    if not found.get("registration"):
        found["title"] = [fields.whole_title(found.get("title", []))]
    people = found.get("authors") or _split(found.get("author_string", []))
    found["authors"] = ["; ".join(people)]
    tags = [_STATES[v][0] for v in found.get("changes", ()) if v in _STATES]
    for value in found.get("changed_by", ()):
        key = value.strip().lower()
        tags.append(_EUROPE.get(key, "") or _STATES.get(key, ("", ""))[1])
    found["type"] = [*found.get("type", []), *fields.states(tags)]
    found["note"] = [*found.get("note", []), *_of_notice(found)]

    def every(column: str) -> list[str]:
        return [value for value in found.get(column, ()) if value.strip()]

    return delimited.row_of(every)


def _of_notice(found: dict[str, list[str]]) -> Iterator[str]:
    """The reports that a notice of retraction or concern takes back, by DOI or PMID."""
    pairs = (("doi", "changes", "changed"), ("PMID", "changed_by", "tied"))
    for name, kinds, reports in pairs:
        words, ids = found.get(kinds, []), found.get(reports, [])
        for word, own in zip(words, ids, strict=True) if len(words) == len(ids) else ():
            key = word.strip().lower()
            tag = _EUROPE.get(key, "") if name == "PMID" else _STATES.get(key, ("",))[0]
            if tag in _OF_NOTICES:
                # By these words it is no name of the notice itself.
                yield f"retraction of {name}: {own}"


def _split(strings: list[str]) -> list[str]:
    """Europe PMC's line of authors, `Ahn B, Imaginary Fever Group.`: who has initials behind the
    name is a person."""
    names = [name for line in strings for name in line.strip().rstrip(".").split(", ") if name]
    return [re.sub(r" ([A-Z]{1,3}(?:-[A-Z])?)$", r", \1", name) for name in names]


def _json(item: Any, paths: str) -> list[str]:
    found: list[str] = []
    for path in _paths(paths):
        found += [path[1:]] if path[0] == "=" else _down(item, path.split("."))
    return [value for value in found if value]


def _paths(paths: str) -> list[str]:
    """Paths as they are listed; a word behind `=` takes in what follows it."""
    before, sign, word = paths.partition("=")
    if sign and "[@" not in paths:
        return [*before.split(), f"={word}"]
    return paths.split()


def _down(value: Any, names: list[str]) -> list[str]:
    """The leaves below a value by a path of names; lists on the way are gone through."""
    if isinstance(value, list):
        return [leaf for part in value for leaf in _down(part, names)]
    if names:
        return _down(value.get(names[0]), names[1:]) if isinstance(value, dict) else []
    listed = isinstance(value, dict) and all(isinstance(v, list) for v in value.values())
    if listed and value and "date-parts" not in value:
        return [_inverted(value)]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [markup.cell(value)]


def _inverted(words: dict[str, list[Any]]) -> str:
    """OpenAlex' abstract: each word with the places where it stands."""
    places = [(place, word) for word, where in words.items() for place in where]
    return " ".join(word for _, word in sorted(places, key=lambda found: str(found[0]).zfill(9)))


def _xml(root: ElementTree.Element, paths: str) -> list[str]:
    found: list[str] = []
    for path in _paths(paths):
        if path[0] == "=":
            found.append(path[1:])
            continue
        path, at, name = path.partition("@") if "[@" not in path else (path, "", "")
        for element in root.findall(path.rstrip("/")) if path.rstrip("/") else [root]:
            found.append((element.get(name) or "") if at else markup.text_of(element))
    return [value for value in found if value]


def _journals(text: str) -> dict[str, str]:
    """Zotero's journals that stand beside the articles, by their name."""
    found = re.finditer(r'<bib:Journal rdf:about="([^"]+)">.*?</bib:Journal>', text, re.DOTALL)
    return {journal[1]: journal[0] for journal in found}


def _with_journal(root: ElementTree.Element, journals: dict[str, str]) -> None:
    for part in root.findall("dcterms_isPartOf"):
        journal = journals.get(part.get("rdf_resource", ""))
        if journal:
            part.append(markup.element(journal))


def _people(root: ElementTree.Element) -> list[str]:
    """Zotero's authors, else editors."""
    for role in ("bib_authors", "bib_editors"):
        names = []
        for person in root.iterfind(f"{role}//foaf_Person"):
            parts = (person.find("foaf_surname"), person.find("foaf_givenName"))
            names.append(", ".join(markup.text_of(p) for p in parts if p is not None))
        if names:
            return names
    return []
