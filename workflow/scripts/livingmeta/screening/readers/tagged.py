"""Tagged exports (RIS, PubMed, Web of Science, Ovid, EndNote's %, Cochrane) to raw records.

One loop for all dialects, written so that no tagged line can vanish: a record may lack its
first or its last line, follow text that belongs to nobody, or stick to the one before it.
What cannot be one record comes back as a `Reject` with the reason.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Raw:
    """One record as it stood in the file: 0-based first line, one past the last, tag values."""

    start: int
    stop: int
    values: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Reject:
    """What could not be read: 0-based first line, one past the last, and why."""

    start: int
    stop: int
    reason: str


@dataclass(frozen=True)
class Dialect:
    """How a tagged format is built.

    `parse(line, lax)` gives tag and value, or None for a line that continues the one before.
    `first` and `last` are the tags that open and close a record, `headers` stand outside
    records, `titles` and `identifiers` make a block worth keeping, `single` occur once a record
    and so betray two that ran together, `blank_parts` says that an empty line parts records.
    """

    parse: Callable[[str, bool], tuple[str, str] | None]
    first: frozenset[str]
    last: frozenset[str]
    headers: frozenset[str]
    titles: frozenset[str]
    identifiers: frozenset[str]
    single: frozenset[str]
    blank_parts: bool
    doubled: int = 3  # so many of `single` with two values betray two records


def _dialect(
    parse: Callable[[str, bool], tuple[str, str] | None],
    first: str,
    last: str = "",
    headers: str = "",
    *,
    titles: str,
    identifiers: str,
    single: str,
    blank_parts: bool,
    doubled: int = 3,
) -> Dialect:
    """A Dialect from tags as they are written: with a space between."""
    return Dialect(
        parse,
        first=frozenset(first.split()),
        last=frozenset(last.split()),
        headers=frozenset(headers.split()),
        titles=frozenset(titles.split()),
        identifiers=frozenset(identifiers.split()),
        single=frozenset(single.split()),
        blank_parts=blank_parts,
        doubled=doubled,
    )


_RIS_TYPES = (
    "ABST|ADVS|AGGR|ANCIENT|ART|BILL|BLOG|BOOK|CASE|CHAP|CHART|CLSWK|COMP|CONF|CPAPER|CTLG|DATA|"
    "DBASE|DICT|EBOOK|ECHAP|EDBOOK|EJOUR|ELEC|ENCYC|EQUA|FIGURE|GEN|GOVDOC|GRANT|GRNT|HEAR|ICOMM|"
    "INPR|INTV|JFULL|JOUR|LEGAL|MANSCPT|MAP|MGZN|MPCT|MULTI|MUSIC|NEWS|PAMP|PAT|PCOMM|POD|PRESS|"
    "RPRT|SER|SLIDE|SOUND|STAND|STAT|STD|THES|UNBILL|UNPB|UNPD|VIDEO|WEB"
)
_RIS_START = re.compile(rf"^\s*TY\s{{0,4}}[-–—]?\s{{0,4}}((?:{_RIS_TYPES})\b.*)$")
# "ER-positive tumours ..." opens a sentence, so a damaged ER must stand alone on its line.
_RIS_END = re.compile(r"^\s*ER\s*[-–—]?\s*$")
_RIS_LAX = re.compile(r"^\s{0,8}([A-Z][A-Z0-9])(?:  [-–—]\s?|\s{0,4}[-–—](?:\s|$))(.*)$")
_RIS_GLUED = re.compile(rf"(?<=.)(?=TY {{1,2}}- ?(?:{_RIS_TYPES})\b)")
_ALIAS = {"T1": "TI", "A1": "AU"}
# The tags that most lines carry, so that a look-up does for them.
_USUAL_TAGS = [
    "TY", "ER", "TI", "T2", "T3", "AU", "A2", "A3", "A4", "AB", "AD", "AN", "CY", "DA", "DB",
    "DO", "DP", "ED", "EP", "ET", "ID", "IS", "J1", "J2", "JA", "JF", "JO", "KW", "L1", "L2",
    "LA", "LK", "M1", "M3", "N1", "N2", "PB", "PY", "SN", "SP", "ST", "UR", "VL", "Y1", "Y2",
    "C1", "C2", "C3", "U1", "U2",
]  # fmt: skip
_USUAL = {**{tag: tag for tag in _USUAL_TAGS}, **_ALIAS}


def _parse_ris(line: str, lax: bool) -> tuple[str, str] | None:
    if line[2:6] == "  - " and line[:2] in _USUAL:
        return _USUAL[line[:2]], line[6:]
    if line[2:5] == "  -" and line[5:6] in ("", " ", "\t"):
        tag = line[:2]
        if tag.isalnum() and tag.isupper() and tag[0].isalpha():
            return _ALIAS.get(tag, tag), line[6:]
    if "Y" not in line[:8] and "R" not in line[:8] and not lax:
        return None
    if found := _RIS_START.match(line):
        return "TY", found[1]
    if _RIS_END.match(line):
        return "ER", ""
    if lax and (found := _RIS_LAX.match(line)):
        return _ALIAS.get(found[1], found[1]), found[2] or ""
    return None


def _with(pattern: str) -> Callable[[str, bool], tuple[str, str] | None]:
    match = re.compile(pattern).match

    def parse(line: str, _lax: bool) -> tuple[str, str] | None:
        found = match(line)
        return (found[1], found[2] or "") if found else None

    return parse


_OVID = re.compile(
    r"^(?:<(\d+)\.?\s*>\s*|([A-Z][A-Z0-9]) {0,2}- (.*)|([A-Z][A-Za-z][A-Za-z /()&,-]{0,44})\.?)$"
)


def _parse_ovid(line: str, _lax: bool) -> tuple[str, str] | None:
    found = _OVID.match(line)
    if not found:
        return None
    number, tag, value, name = found.groups()
    if number:
        return "<", number
    return (tag, value) if tag else (name.strip().lower().replace(" ", "_"), "")


DIALECTS = {
    "RIS": _dialect(
        _parse_ris, "TY", "ER", titles="TI CT BT", identifiers="DO",
        single="TI AB N2 SP EP VL DO ID JO JF T2", blank_parts=False,
    ),
    "PubMed": _dialect(
        _with(r"^([A-Z][A-Z0-9]{1,3}) {0,3}-(?: ?(.*))$"), "PMID",
        titles="TI BTI TT", identifiers="LID AID",
        single="OWN STAT TI DP JID JT SO VI PG AB", blank_parts=True,
    ),
    "Web of Science": _dialect(
        _with(r"^([A-Z][A-Z0-9])(?: (.*))?$"), "PT", "ER", "FN VR EF",
        titles="TI", identifiers="DI UT", single="TI SO AB VL BP EP DI UT PY", blank_parts=False,
    ),
    "EndNote": _dialect(
        _with(r"^ ?(%[^\s%])(?: (.*))?$"), "%0",
        titles="%T", identifiers="%R", single="%T %J %V %X %P %D %R", blank_parts=True,
    ),
    "RefWorks": _dialect(
        _with(r"^([A-Z][A-Z0-9])(?: (.*))?$"), "RT",
        titles="T1", identifiers="DO", single="T1 AB JF VO SP OP DO YR", blank_parts=True,
    ),
    "Ovid": _dialect(
        _parse_ovid, "<", titles="TI title", identifiers="DO UI unique_identifier",
        single="UI TI AB SO title abstract source unique_identifier author authors",
        blank_parts=False, doubled=2,
    ),
    "Ovid, not numbered": _dialect(
        _with(r"^([A-Z][A-Z0-9]) {0,2}- (.*)$"), "VN", titles="TI", identifiers="DO UI",
        single="UI TI AB SO", blank_parts=True,
    ),
    "Cochrane": _dialect(
        _with(r"^(Record(?= #\d+ of )|[A-Z]{2,3}(?=: )):? ?(.*)$"), "Record",
        titles="TI", identifiers="DOI", single="ID TI SO YR AB US", blank_parts=False,
    ),
}  # fmt: skip


def split(lines: list[str], dialect: Dialect) -> Iterator[Raw | Reject]:
    """Raw records and rejects in the order of the file; every tagged line is in one of them."""
    before: Raw | None = None
    was_begun = False
    for block, begun in _blocks(lines, dialect):
        late = begun and before is not None and not was_begun
        if late and before is not None and _goes_on(block, before, lines, dialect):
            _join(before, block)
            was_begun = True
            continue
        was_begun = begun
        if begun or not dialect.titles.isdisjoint(block.values):
            if before is not None:
                yield _judged(before, dialect)
            before = block
        elif before is not None and _belongs(block, before, dialect):
            _join(before, block)
        else:
            if before is not None:
                yield _judged(before, dialect)
            before = None
            if dialect.identifiers.isdisjoint(block.values):
                yield Reject(
                    block.start, block.stop, "tagged lines that neither begin nor name a record"
                )
            else:
                before = block
    if before is not None:
        yield _judged(before, dialect)


def _join(before: Raw, block: Raw) -> None:
    for tag, values in block.values.items():
        before.values.setdefault(tag, []).extend(values)
    before.stop = block.stop


def _goes_on(block: Raw, before: Raw, lines: list[str], dialect: Dialect) -> bool:
    """Whether the tag that opens a record stands below its title: `TY` or `%0` not first."""
    if before.stop != block.start or dialect.titles.isdisjoint(before.values):
        return False
    above = dialect.parse(lines[before.stop - 1], True)
    if above and above[0] in dialect.last:
        return False
    return dialect.titles.isdisjoint(block.values) and not (
        dialect.single & block.values.keys() & before.values.keys()
    )


def _blocks(lines: list[str], dialect: Dialect) -> Iterator[tuple[Raw, bool]]:
    """Runs of tagged lines, each with whether it began with the tag that opens a record."""
    parse, first, last = dialect.parse, dialect.first, dialect.last
    borders = first | last | dialect.headers
    ris = parse is _parse_ris
    current: Raw | None = None
    begun = lax = blank = False
    values: list[str] = []

    for number, whole in enumerate(lines):
        if not whole or whole.isspace():
            blank = True
            continue
        glued = ris and whole.find("TY ", 1) > 0 and not whole.lstrip().startswith("TY ")
        parts = _RIS_GLUED.split(whole) if glued else (whole,)
        for line in parts:
            found = parse(line, lax)
            if found is None:
                if current is not None:
                    values[-1] += "\n" + line.strip()
                    current.stop = number + 1
                continue
            tag, value = found
            if tag in borders:
                if tag in dialect.headers:
                    continue
                if current is not None:
                    if tag in last:
                        current.stop = number + 1
                    yield current, begun
                    current = None
                if tag in last:
                    continue
                current, begun = Raw(number, number + 1), True
                lax = ris and line[2:6].rstrip() != "  -"
            elif current is None or (blank and dialect.blank_parts):
                if current is not None:
                    yield current, begun
                current, begun = Raw(number, number + 1), False
            blank = False
            values = current.values.setdefault(tag, [])
            values.append(value)
            current.stop = number + 1
        blank = False
    if current is not None:
        yield current, begun


def _belongs(block: Raw, before: Raw, dialect: Dialect) -> bool:
    """Whether lines without a title are a part of the record before them, cut off by a blank."""
    doubled = dialect.single & block.values.keys() & before.values.keys()
    return not doubled and (dialect.blank_parts or len(block.values) <= 2)


def _judged(raw: Raw, dialect: Dialect) -> Raw | Reject:
    """The record, unless so many of its single tags stand twice that it must be two."""
    doubled = [
        tag
        for tag in dialect.single & raw.values.keys()
        if len(raw.values[tag]) > 1
        and len({" ".join(v.split()).lower() for v in raw.values[tag]} - {""}) > 1
    ]
    if len(doubled) >= dialect.doubled:
        return Reject(
            raw.start,
            raw.stop,
            f"two records run together: {', '.join(sorted(doubled))} stand there more than once; "
            "put the line that opens a record between them",
        )
    return raw
