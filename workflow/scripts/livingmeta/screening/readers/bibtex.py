"""BibTeX to raw records: our own reader, since a brace that is never closed must cost one entry."""

import re
import unicodedata
from collections.abc import Iterator

from livingmeta.screening.readers.tagged import Raw, Reject

OPENS = re.compile(r"^[ \t]*@[ \t]*([A-Za-z]+)[ \t]*[{(]", re.MULTILINE)
_NO_RECORD = frozenset(["comment", "string", "preamble", "set", "xdata"])
_FIELD = re.compile(r"[\s,]*([A-Za-z][\w:.+/-]*)(?: \d+)?\s*=\s*")
_CLOSING = re.compile(r"[\s,]*[})]")
_BELOW = re.compile(r"^\s*(?:title|author|doi|year)\s*=\s*[{\"\d]", re.MULTILINE | re.IGNORECASE)
_BARE = re.compile(r"[^\s,#{}\"]+")

_TAGS = {
    "title": "TI", "author": "AU", "editor": "A2", "year": "PY", "date": "Y1", "journal": "JF",
    "journaltitle": "JF", "journal-abbreviation": "J2",
    "subtitle": "CT", "booktitle": "T2", "maintitle": "BT", "volume": "VL", "number": "IS",
    "issue": "IS", "pages": "SP", "eid": "AR", "art_number": "AR", "article-number": "AR",
    "doi": "DO", "url": "UR",
    "abstract": "AB", "keywords": "KW", "author_keywords": "KW", "language": "LA",
    "langid": "LA", "note": "N1", "pmid": "PM", "pubmed_id": "PM", "pmcid": "PMCID", "pmc": "PMCID",
    "document_type": "M3", "eprint": "ID",
}  # fmt: skip
_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328",
    "r": "\u030a", "d": "\u0323", "b": "\u0331",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å",
    "AA": "Å", "l": "ł", "L": "Ł", "i": "ı", "j": "ȷ", "alpha": "α", "beta": "β", "gamma": "γ",
    "delta": "δ", "kappa": "κ", "mu": "μ", "omega": "ω", "textendash": "–", "textemdash": "—",
    "textregistered": "®", "texttrademark": "™", "textquotesingle": "'", "ldots": "…",
    "times": "×", "pm": "±", "leq": "≤", "geq": "≥",
}  # fmt: skip
_ACCENT = re.compile(r"\\([\'`^\"~=.]|[uvHckrdb](?![A-Za-z]))\s*\{?\s*(\\?[A-Za-z])\s*\}?")
_COMMAND = re.compile(r"\\([A-Za-z]+)\s*(?:\{\})?")


def split(text: str) -> Iterator[tuple[Raw | Reject, int, int]]:
    """Each entry with where it begins and ends in the text (characters)."""
    macros: dict[str, str] = {}
    found = list(OPENS.finditer(text))
    line = counted = 0
    for entry, following in zip(found, [*found[1:], None], strict=True):
        kind = entry[1].lower()
        end = following.start() if following else len(text)
        if kind == "string":
            macros |= {field[0].lower(): field[1] for field in _fields(text, entry.end(), end, {})}
        if kind in _NO_RECORD:
            continue
        start = entry.start() + len(entry.group()) - len(entry.group().lstrip())
        line, counted = line + text.count("\n", counted, start), start
        stop = line + text[start:end].rstrip().count("\n") + 1
        key = re.compile(r"[^,={}]*,").match(text, entry.end(), end)
        values: dict[str, list[str]] = {"TY": [kind]}
        broken = ""
        after = key.end() if key else entry.end()
        for name, value, closed, place in _fields(text, after, end, macros):
            after = place
            if not closed:
                broken = name
            tag = _TAGS.get(name.lower())
            if tag:
                values.setdefault(tag, []).append(value)
        closing = _CLOSING.match(text, after, end)
        if broken or not closing:
            where = f"the value of {broken!r}" if broken else "the entry"
            reason = f"{where} opens with a brace or quote that is never closed"
            yield Reject(line, stop, reason), start, end
            continue
        if _BELOW.search(text, closing.end(), end):
            reason = "fields below the end of the entry; what opens theirs is lost"
            yield Reject(line, stop, reason), start, end
            continue
        if "TI" in values and "CT" in values:
            values["TI"] = [f"{values['TI'][0]}: {values.pop('CT')[0]}"]
        yield Raw(line, stop, _finished(values)), start, end


def _fields(text: str, at: int, end: int, macros: dict) -> Iterator[tuple[str, str, bool, int]]:
    """Name, value, whether it was closed and where it ends, of each field of an entry."""
    while field := _FIELD.match(text, at, end):
        at = field.end()
        parts = []
        closed = True
        while at < end:
            value, at, closed = _value(text, at, end, macros)
            parts.append(value)
            joined = re.compile(r"\s*#\s*").match(text, at, end)
            if not joined:
                break
            at = joined.end()
        yield field[1], "".join(parts), closed, at


def _value(text: str, at: int, end: int, macros: dict) -> tuple[str, int, bool]:
    opening = text[at]
    if opening not in '{"':
        bare = _BARE.match(text, at, end)
        if not bare:
            return "", at + 1, True
        word = bare.group()
        return macros.get(word.lower(), word), bare.end(), True
    depth = 0
    place = at + 1
    while place < end:
        letter = text[place]
        if letter == "\\":
            place += 2
            continue
        if letter == "{":
            depth += 1
        elif letter == "}" and (depth or opening == "{"):
            if depth == 0:
                return text[at + 1 : place], place + 1, True
            depth -= 1
        elif letter == '"' and opening == '"' and depth == 0:
            return text[at + 1 : place], place + 1, True
        place += 1
    return text[at + 1 : end], end, False


def _finished(values: dict[str, list[str]]) -> dict[str, list[str]]:
    for tag, found in values.items():
        if tag in ("AU", "A2"):
            names = [n for value in found for n in re.split(r"\s+and\s+", value.strip())]
            # braces keep a collective together: {World Health Organization}
            values[tag] = [plain(n) if n[:1] != "{" else f"{plain(n)}," for n in names]
        elif tag in ("DO", "UR"):
            values[tag] = [re.sub(r"\\([_%&#$])", r"\1", v).strip("{} ") for v in found]
        elif tag == "KW":
            values[tag] = [re.sub(r"[;,]\s*", "; ", plain(v)) for v in found]
        else:
            values[tag] = [plain(v) for v in found]
    return values


def plain(value: str) -> str:
    """LaTeX in a field to letters: accents, named letters, escapes; braces and commands go."""
    if "\\" in value:
        value = _ACCENT.sub(lambda m: m[2].lstrip("\\") + _ACCENTS[m[1]], value)
        value = _COMMAND.sub(lambda m: _LETTERS.get(m[1], ""), value)
        value = re.sub(r"\\([^A-Za-z])", r"\1", value)
    value = value.replace("{", "").replace("}", "").replace("~", " ").replace("$", "")
    return unicodedata.normalize("NFC", re.sub(r"(?<!-)--(?!-)", "–", value))
