"""Which tags and columns of real exports are read, and why the others are not.

    PYTHONPATH=workflow/scripts python benchmarks/fields.py FOLDER [--table]

Goes through every file of FOLDER with every tag, column, field and element that holds something.
Each is read, or stands in `fields_not_read.yaml` with its reason; what does neither is told, and
the exit code is then 1. `--table` prints the table of docs/screening.md.
"""

import argparse
import csv
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import yaml

from livingmeta.screening.readers import (
    answers,
    bibtex,
    decode,
    delimited,
    export,
    fields,
    markup,
    sources,
    tagged,
)

REASONS = yaml.safe_load(
    (Path(__file__).parent / "fields_not_read.yaml").read_text(encoding="utf-8")
)
_HIDDEN = {*fields._HIDDEN_DOI, *fields._HIDDEN_PMID, *fields._HIDDEN_PMCID}
_READ_TOO = {"RIS": {"M3", "DP", "DB"}, "Ovid": {"SO", "source"}, "PubMed": {"SI"}}
# Elements that a reader's code goes through, beside the paths of its list
_BY_CODE = (
    "AuthorList", "ArticleIdList/ArticleId", "AbstractText", "CommentsCorrections", "ref-type",
    "ELocationID", "DataBank",
)  # fmt: skip
_ALSO = {"RIN", "ROF", "PRIN", "PROF", "RRI", "RRF", "ECI", "ECF", "EIN", "EFR", "UIN", "UOF"}


def held(path: Path) -> tuple[str, Counter[str], set[str]]:
    """Format, how many records hold each name with something in it, and the names that are read."""
    text, _ = decode.decode(path.read_bytes())
    lines = text.split("\n")
    kind, header = export._kind(path, text, lines)
    if header:
        return kind, _columns(lines, *header), set()
    if kind == "BibTeX":
        return kind, _bibtex(text), set(bibtex._TAGS)
    if kind == "JSON":
        items = [item for item, *_ in answers.objects(text) if item]
        found = Counter(n for item in items for n, v in item.items() if v)
        return kind, Counter({delimited.key(n): k for n, k in found.items()}), set()
    if kind in markup.OPENS:
        return kind, _elements(text, kind), _paths(kind)
    if kind not in tagged.DIALECTS:
        return kind, Counter(), set()
    found = Counter()
    for raw in tagged.split(lines, tagged.DIALECTS[kind]):
        if isinstance(raw, tagged.Raw):
            found.update(tag for tag, values in raw.values.items() if any(map(str.strip, values)))
    return kind, found, set()


def _columns(lines: list[str], start: int, delimiter: str, found_at: dict) -> Counter[str]:
    names = [delimited.key(n) for n in next(csv.reader([lines[start]], delimiter=delimiter))]
    found: Counter[str] = Counter()
    for row in delimited.split(lines, start, delimiter, found_at):
        if isinstance(row, tuple):
            found.update(n for n, cell in zip(names, row[2], strict=False) if n and cell.strip())
    return found


def _bibtex(text: str) -> Counter[str]:
    opened = [m for m in bibtex.OPENS.finditer(text) if m[1].lower() not in bibtex._NO_RECORD]
    found: Counter[str] = Counter()
    for entry, following in zip(opened, [*opened[1:], None], strict=True):
        end = following.start() if following else len(text)
        key = re.compile(r"[^,={}]*,").match(text, entry.end(), end)
        start = key.end() if key else entry.end()
        found.update({f[0].lower() for f in bibtex._fields(text, start, end, {}) if f[1].strip()})
    return found


def _elements(text: str, kind: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for root, *_ in markup.elements(text, kind):
        if not isinstance(root, str):
            found.update(set(_leaves(root, "")))
    return found


def _leaves(element, path: str) -> Iterator[str]:
    parts = [part for part in element if part.tag not in ("style", "i", "b", "sub", "sup")]
    if not parts and "".join(element.itertext()).strip():
        yield path
    for part in parts:
        yield from _leaves(part, f"{path}/{part.tag}".lstrip("/").partition("/{")[0])


def _paths(kind: str) -> set[str]:
    tables = {markup.ENDNOTE: markup._ENDNOTE_TAGS, markup.PUBMED: markup._PUBMED_TAGS}
    if kind in tables:
        listed = [path for paths in tables[kind].values() for path in paths]
    else:
        listed = [path for paths in sources.XML[kind][1].values() for path in paths.split()]
    return {re.sub(r"\[.*?\]|^\*/|^\.//", "", path) for path in listed}


def is_read(kind: str, name: str, paths: set[str]) -> bool:
    """Whether a reader takes what stands under a name, into a column or as an identifier."""
    if kind in ("table", "JSON"):
        return name in delimited.COLUMN_OF or name in delimited._REGISTER
    if kind == "BibTeX":
        return name in paths
    if kind in markup.OPENS:
        own = "ReferenceList" not in name and "Affiliation" not in name and "Identifier" not in name
        if own and any(f"/{part}" in f"/{name}" for part in _BY_CODE):
            return True
        return any(f"/{name}/".find(f"/{path}/") >= 0 for path in paths)
    tags = {tag for listed in fields.TAGS[kind].values() for tag in listed.split()}
    return name in tags | _HIDDEN | _READ_TOO.get(kind.split(",")[0], set()) | _ALSO


def reason(kind: str, name: str) -> str:
    """Why a name is not read; empty where no reason is listed."""
    for group in REASONS:
        names = group["names"].get(kind) or group["names"].get("any") or ""
        if any(p == name or (p[0] != "%" and re.fullmatch(p, name)) for p in names.split()):
            return group["reason"]
    return ""


def inventory(paths: list[Path]) -> dict[tuple[str, str], tuple[int, str]]:
    """Of each format and name: in how many records it holds something, and `read`, or why not."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    said: dict[tuple[str, str], str] = {}
    for path in paths:
        try:
            kind, found, listed = held(path)
        except (export.ReadError, UnicodeError):
            continue
        for name, n in found.items():
            counts[kind, name] += n
            said[kind, name] = "read" if is_read(kind, name, listed) else reason(kind, name)
    return {key: (counts[key], said[key]) for key in sorted(counts)}


def table(found: dict[tuple[str, str], tuple[int, str]]) -> str:
    """The table of docs/screening.md: a row a format and reason."""
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (kind, name), (_, why) in found.items():
        rows[kind, why].append(name)
    lines = ["| format | tags and columns | |", "|---|---|---|"]
    for (kind, why), names in sorted(
        rows.items(), key=lambda row: (row[0][0], row[0][1] != "read")
    ):
        listed = (
            f"{len(names)} names"
            if why == "read"
            else ", ".join(f"`{n}`".replace("/", " > ") for n in names)
        )
        lines.append(f"| {kind} | {listed} | {why} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    found = inventory(sorted(p for p in asked.folder.rglob("*") if p.is_file()))
    if asked.table:
        print(table(found))
    lost = {key: n for key, (n, why) in found.items() if not why}
    for (kind, name), n in lost.items():
        print(f"{kind}: {name}, filled in {n} records, is neither read nor listed", file=sys.stderr)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
