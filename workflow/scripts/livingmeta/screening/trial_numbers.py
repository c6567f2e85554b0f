"""Numbers of trial registers: told in any text, and written in one way.

A number leads from a study to all its reports; it never makes a registration and a paper one.
"""

import re
from collections.abc import Iterable

# Register, as its number is written, how it stands in texts. The European number is told by its
# label alone, since other numbers look like it; ICTRP puts JPRN- before Japan's.
REGISTERS = {
    "ClinicalTrials.gov": ("NCT", r"NCT[\s:-]?(\d{8})"),
    "ISRCTN": ("ISRCTN", r"ISRCTN[\s:-]?(\d{8})"),
    "EU Clinical Trials Register": (
        "EUCTR", r"EUCTR[\s:-]?((?:19|20)\d\d-\d{6}-\d\d)(?:-[A-Z0-9]+)?"
    ),
    "EU CTIS": ("CTIS", r"CTIS[\s:-]?(20\d\d-\d{6}-\d\d)(?:-\d\d)?"),
    "Chinese Clinical Trial Registry": ("ChiCTR", r"ChiCTR[\s:-]?((?:[A-Z]{2,5}-?)?\d{8,10})"),
    "UMIN": ("UMIN", r"UMIN[\s:-]?(\d{9})"),
    "jRCT": ("jRCT", r"jRCT[\s:-]?(s?\d{9,10})"),
    "JapicCTI": ("JapicCTI-", r"JapicCTI[\s:-]?(\d{5,6})"),
    "CRIS Korea": ("KCT", r"KCT[\s:-]?(\d{7})"),
    "CTRI India": ("CTRI/", r"CTRI[\s:/-]?((?:19|20)\d\d/\d{2,3}/\d{6})"),
    "ANZCTR": ("ACTRN", r"ACTRN[\s:-]?(\d{14})"),
    "DRKS": ("DRKS", r"DRKS[\s:-]?(\d{8})"),
    "Dutch Trial Register": ("NTR", r"(?-i:NTR)[\s:-]?(\d{3,5})"),
    "Overview of Medical Research in the Netherlands": ("NL-OMON", r"NL-OMON(\d{1,6})"),
    "Pan African Clinical Trials Registry": ("PACTR", r"PACTR[\s:-]?(\d{15,16})"),
    "IRCT Iran": ("IRCT", r"IRCT[\s:-]?(\d{8,14}N\d+)"),
    "Thai Clinical Trials Registry": ("TCTR", r"TCTR[\s:-]?(\d{11})"),
    "Sri Lanka Clinical Trials Registry": ("SLCTR/", r"SLCTR[\s:/-]?((?:19|20)\d\d/\d{3})"),
    "ReBec Brazil": ("RBR-", r"RBR-?([0-9a-z]{6,8})"),
    "RPCEC Cuba": ("RPCEC", r"RPCEC[\s:-]?(\d{8})"),
    "REPEC Peru": ("PER-", r"(?-i:PER)-(\d{3}-\d\d)"),
    "LBCTR Lebanon": ("LBCTR", r"LBCTR[\s:-]?(\d{10})"),
    "ITMCTR": ("ITMCTR", r"ITMCTR[\s:-]?(\d{8,12})"),
}  # fmt: skip
_ANY = re.compile(
    r"(?<![A-Za-z0-9])(?:" + "|".join(pattern for _, pattern in REGISTERS.values()) + r")(?![0-9])",
    re.IGNORECASE,
)
_WRITTEN = [written for written, _ in REGISTERS.values()]
_WORDS = sorted(
    {w.rstrip("-/") for w in _WRITTEN} | {"nct", "Nct", "isrctn", "Isrctn", "CHICTR", "JRCT"}
)
_EUROPE = re.compile(r"(?<![\d-])((?:19|20)\d\d-\d{6}-\d\d)(?:-[A-Z0-9]{2,3})?(?![\d-])")
_LABELS = frozenset([
    "EudraCT", "EUDRACT", "eudract", "EUCTR", "CTIS", "EU CT", "clinicaltrialsregister",
    "euclinicaltrials",
])  # fmt: skip


# Most of the words hold "CT", and most texts do not.
_SOUGHT = {held: [w for w in sorted({*_WORDS, *_LABELS}) if held or "CT" not in w]
           for held in (True, False)}  # fmt: skip


def words(text: str) -> list[str]:
    """The words that numbers of registers begin with, or stand beside, which a text holds."""
    return [word for word in _SOUGHT["CT" in text] if word in text]


def numbers(text: str, among: Iterable[str] | None = None) -> list[str]:
    """Every number of a register in a text, as its register writes it, in the order given.

    `among`: the words of a whole file, so that each of its records need not be searched for all.
    """
    held = [word for word in (words(text) if among is None else among) if word in text]
    if not held:
        return []
    found: dict[float, str] = {}
    for word in set(held).intersection(_WORDS):
        at = text.find(word)
        while at >= 0:
            match = _ANY.match(text, at)
            if match and match.lastindex:  # each alternative holds one group
                found[at] = _spelled(_WRITTEN[match.lastindex - 1], match[match.lastindex])
            at = text.find(word, at + 1)
    if not _LABELS.isdisjoint(held):
        found |= {match.start() + 0.5: _european(match[1]) for match in _EUROPE.finditer(text)}
    return list(dict.fromkeys(found[at] for at in sorted(found)))


def number(cell: str, register: str = "") -> str:
    """The number of a cell that holds nothing else; empty where no register writes it so.

    A bare number is of `register`, as its column calls it: eight digits are ISRCTN's, and two
    runs of digits after a year Europe's.
    """
    cell = cell.strip()
    if found := numbers(cell):
        return found[0]
    if match := _EUROPE.fullmatch(cell):
        return _european(match[1])
    if "isrctn" in register.lower() and re.fullmatch(r"\d{8}", cell):
        return f"ISRCTN{cell}"
    return ""


def first(text: str) -> str:
    """The first number in what a register says of a trial of its own, whatever the case; empty for
    none. Europe's needs no label there."""
    if match := _ANY.search(text):
        assert match.lastindex  # each alternative holds one group
        return _spelled(_WRITTEN[match.lastindex - 1], match[match.lastindex])
    match = _EUROPE.search(text)
    return _european(match[1]) if match else ""


def alone(text: str) -> bool:
    """Whether a number of a register is all that a text holds, but for marks round it."""
    text = text.strip(" ;,.")
    # none is longer, and names of many authors are
    return len(text) < 40 and bool(_ANY.fullmatch(text) or _EUROPE.fullmatch(text))


def register(number: str) -> str:
    """The register that writes its numbers so; empty for none."""
    found = (name for name, (written, _) in REGISTERS.items() if number.startswith(written))
    return next(found, "")


def _spelled(written: str, digits: str) -> str:
    if written in ("EUCTR", "CTIS"):
        return _european(digits)
    if written in ("RBR-", "jRCT"):
        return written + digits.lower()
    return written + ("-" if written == "ChiCTR" and digits[0].isalpha() else "") + digits.upper()


def _european(digits: str) -> str:
    """CTIS begins the middle of its numbers with a five, the older register with a zero."""
    return ("CTIS" if digits[5] == "5" else "EUCTR") + digits
