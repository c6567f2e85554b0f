"""Bytes of an export to text, without losing a character."""

import codecs
import re
from collections import Counter

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", ""),
    (codecs.BOM_UTF32_LE, "utf-32", "read as UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "read as UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "read as UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "read as UTF-16"),
)


# UTF-8 that was read as Windows' set and saved so, as when a spreadsheet opens a CSV file
# (`MÃ¼ller`, `â€”`): what stands in that set for the bytes 80 to BF follows a letter that no text
# has there.
_CONTINUED = (bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xC0))
_TAIL = re.escape("".join(_CONTINUED))
_GARBLED = re.compile(rf"(?:[ÃÄÅÎÏÐÑ][{_TAIL}]|Â[\xa0-\xbf]|â[€‚„†ˆ‰][{_TAIL}])+")
_LEADS = ("Ã", "Ä", "Å", "Î", "Ï", "Ð", "Ñ", "Â", "â€", "â‚", "â„", "â†", "âˆ", "â‰")
# A capital at the end of a quotation is none: `„Ä“`, `IRMÃ”`.
_QUOTED = re.compile(r"[ÃÄÅÎÏÐÑ][‘’“”‚„–—…‹›]")


def ungarbled(text: str) -> tuple[str, str]:
    """The text with what was garbled set right, and a note where something was (else empty)."""
    if text.isascii() or not any(lead in text for lead in _LEADS):
        return text, ""
    found: list[int] = []

    def right(match: re.Match[str]) -> str:
        seen, behind = match[0], match.string[match.end() : match.end() + 1]
        if _QUOTED.fullmatch(seen) and not behind.isalpha():
            return seen
        mended = _back(seen)
        if mended != seen:
            found.append(match.start())
        return mended

    once = _GARBLED.sub(right, text)
    if not found:
        return text, ""
    at, many = found[0], len(found)
    start = max(text.rfind(mark, 0, at) for mark in ' \n\t,;"') + 1
    word = text[start:].split(maxsplit=1)[0][:40]
    places = "1 place" if many == 1 else f"{many} places"
    note = (
        f"garbled in {places} (first '{word}' on line {text.count(chr(10), 0, at) + 1}), as when a "
        "spreadsheet opens and saves a CSV file; set right here. Export the search again if you can"
    )
    return _GARBLED.sub(right, once), note  # some text was garbled twice


def _back(seen: str) -> str:
    data = b"".join(
        letter.encode("latin-1") if "\x80" <= letter <= "\x9f" else letter.encode("cp1252")
        for letter in seen
    )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return seen


def decode(data: bytes) -> tuple[str, str]:
    """Text with `\\n` line ends, and a note when the file was not plain UTF-8 (else empty).

    Order: byte order mark; UTF-16 without one (every other byte zero); UTF-8; cp1252, the
    eight-bit set of Windows, in which every byte is given a character (the five unassigned
    ones by Latin-1). Exports of two programs put one below the other are each read in their own,
    line by line.
    """
    for bom, encoding, note in _BOMS:
        if data.startswith(bom):
            try:
                return _lines(data.decode(encoding)), note
            except UnicodeDecodeError as error:
                if encoding != "utf-8-sig":
                    return _lines(data.decode(encoding, "replace")), (
                        f"{note}; damaged at byte {error.start}, shown there as \ufffd"
                    )
                data = data.removeprefix(bom)
    if encoding := _bomless_utf16(data):
        return _lines(data.decode(encoding, "replace")), "read as UTF-16"
    try:
        return _lines(data.decode("utf-8")), ""
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        first = f"byte 0x{data[error.start]:02X} on line {number}"
    how = Counter[str]()
    lines = []
    for piece in data.splitlines(keepends=True):
        text, read_as = _one(piece)
        lines.append(text)
        how[read_as] += 1
    if not how["utf-8"] and not how["replaced"]:
        return _lines("".join(lines)), f"not UTF-8 ({first}), read as cp1252"
    parts = [
        (how["cp1252"], "read as cp1252"),
        (how["replaced"], "with what is broken shown as \ufffd"),
    ]
    said = ", ".join(f"{n} {'line' if n == 1 else 'lines'} {word}" for n, word in parts if n)
    return _lines("".join(lines)), f"not quite UTF-8 (first {first}): {said}"


def _one(line: bytes) -> tuple[str, str]:
    """A line, and how it was read; "ascii" where any way gives the same."""
    try:
        return line.decode("utf-8"), "ascii" if line.isascii() else "utf-8"
    except UnicodeDecodeError:
        valid = line.decode("utf-8", "ignore")
        if sum(c > "\x7f" for c in valid) > 4 * (len(line) - len(valid.encode())):
            # mostly good UTF-8 with a few broken bytes: cp1252 would garble all the rest
            return line.decode("utf-8", "replace"), "replaced"
        return _cp1252(line), "cp1252"


def _bomless_utf16(data: bytes) -> str:
    head = data[:400]
    if len(head) < 8 or b"\0" not in head:
        return ""
    if head[1::2].count(0) > 0.8 * len(head[1::2]):
        return "utf-16-le"
    if head[::2].count(0) > 0.8 * len(head[::2]):
        return "utf-16-be"
    return ""


def _cp1252(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return "".join(
            chr(b) if b in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes((b,)).decode("cp1252")
            for b in data
        )


def _lines(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\ufeff", "") if "\ufeff" in text else text
