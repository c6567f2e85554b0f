"""Numbers of trial registers: told in any text, and written in one way.

A number leads from a study to all its reports; it never makes a registration and a paper one.
"""

import re
from collections.abc import Iterable

# Hyphens of typesetters (CENTRAL and Wiley write U+2010 throughout); `\s` has their blanks.
_HYPHENS = "\u00ad\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"
_H = f"[-{_HYPHENS}]"
_PLAIN = str.maketrans(dict.fromkeys(_HYPHENS, "-"))
# How people part the register from its number: `NCT: 0123`, `NCT#`, `NCT no. 0123`.
_TO = (
    rf"(?:[\s:#\u200b\uff1a{_HYPHENS}-]{{0,3}}(?:(?:no|nr|number|identifier|id)\b[\s.:#-]{{0,3}})?)"
)
# A register whose name stands in texts beside years is told by its number right behind it.
_CLOSE = rf"(?:[\s:#{_HYPHENS}-]|: |-? ?(?:no|nr|number)\b[. ]{{0,2}})?"
# Register, as its number is written, how it stands in texts. The European number is told by its
# label alone, since other numbers look like it; ICTRP puts JPRN- before Japan's.
REGISTERS = {
    "ClinicalTrials.gov": (
        "NCT", rf"(?:NCT{_TO}(?=\d)|ClinicalTrials\.gov[\s(]{{0,2}}{_TO}(?=0))(\d{{4}}\s?\d{{4}})"
    ),
    "ISRCTN": (
        "ISRCTN", rf"(?:ISRCTN|Current Controlled Trials[\s(]{{0,2}}){_TO}(\d{{4}}\s?\d{{4}})"
    ),
    "EU Clinical Trials Register": (
        "EUCTR", rf"EUCTR{_TO}((?:19|20)\d\d{_H}\d{{6}}{_H}\d\d)(?:{_H}[A-Z0-9]+)?"
    ),
    "EU CTIS": ("CTIS", rf"CTIS{_TO}(20\d\d{_H}\d{{6}}{_H}\d\d)(?:{_H}\d\d)?"),
    "Chinese Clinical Trial Registry": (
        "ChiCTR", rf"ChiCTR{_TO}((?:[A-Z]{{2,5}}[\s{_HYPHENS}-]{{0,3}})?\d{{8,10}})"
    ),
    "UMIN": ("UMIN", rf"UMIN(?:[\s{_HYPHENS}-]?CTR)?{_TO}(\d{{9}})"),
    "jRCT": ("jRCT", rf"jRCT{_TO}(s?\d{{9,10}})"),
    "JapicCTI": ("JapicCTI-", rf"JapicCTI{_TO}(\d{{5,6}})"),
    "CRIS Korea": ("KCT", rf"KCT{_TO}(\d{{7}})"),
    "CTRI India": (
        "CTRI/", rf"CTRI(?:{_TO}|/)((?:19|20)\d\d(?:/|{_H})\d{{2,3}}(?:/|{_H})\d{{5,6}})"
    ),
    "ANZCTR": ("ACTRN", rf"(?:ACTRN|ANZCTR){_TO}(\d(?:\s?\d){{13}})"),
    "DRKS": ("DRKS", rf"DRKS{_TO}(\d{{8}})"),
    "Dutch Trial Register": ("NTR", rf"(?-i:NTR){_CLOSE}(\d{{3,5}})"),
    "Overview of Medical Research in the Netherlands": ("NL-OMON", rf"NL-OMON{_TO}(\d{{1,6}})"),
    # What the old register's trials are called since 2019; a year behind NL is none of its numbers.
    "Dutch Trial Register since 2019": (
        "NL", r"(?-i:NL)((?!19\d\d|20[0-4]\d)\d{4})(?!\.?\d)"
    ),
    "CCMO Netherlands": ("CCMO-NL", r"(?-i:NL)\s?(\d{5}\.\d{3}\.\d\d)"),
    "Pan African Clinical Trials Registry": ("PACTR", rf"PACTR{_TO}(\d{{15,16}})"),
    "IRCT Iran": ("IRCT", rf"IRCT{_TO}(\d{{8,14}}\s?N\d+)"),
    "Thai Clinical Trials Registry": ("TCTR", rf"TCTR{_TO}(\d{{11}})"),
    "Sri Lanka Clinical Trials Registry": ("SLCTR/", rf"SLCTR(?:{_TO}|/)((?:19|20)\d\d/\d{{3}})"),
    "ReBec Brazil": ("RBR-", rf"RBR{_H}?([0-9a-z]{{6,8}})"),
    "RPCEC Cuba": ("RPCEC", rf"RPCEC{_TO}(\d{{8}})"),
    "REPEC Peru": ("PER-", rf"(?-i:PER){_H}(\d{{3}}{_H}\d\d)"),
    "LBCTR Lebanon": ("LBCTR", rf"LBCTR{_TO}(\d{{10}})"),
    "ITMCTR": ("ITMCTR", rf"ITMCTR{_TO}(\d{{8,12}})"),
    "HKUCTR Hong Kong": ("HKUCTR-", rf"HKUCTR{_TO}(\d{{1,5}})"),
    "Philippine Health Research Registry": ("PHRR", rf"PHRR{_TO}(\d{{6}}{_H}\d{{6}})"),
    "Swiss National Clinical Trials Portal": ("SNCTP", rf"SNCTP{_TO}(\d{{9}})"),
    "NMRR Malaysia": ("NMRR-", rf"NMRR{_TO}(\d\d{_H}\d+{_H}\d+)"),
    "South African National Clinical Trials Register": (
        "DOH-", rf"DOH{_H}(\d\d{_H}\d{{4}}{_H}\d{{3,4}})"
    ),
    "AEA RCT Registry": ("AEARCTR-", rf"AEARCTR{_TO}(\d{{7}})"),
    "OSF Registries": ("OSF.IO/", r"osf\.io/([a-z0-9]{5})(?![a-z])"),
    "Universal Trial Number": ("U1111-", rf"U1111{_H}(\d{{4}}{_H}\d{{4}})"),
}  # fmt: skip
_ANY = re.compile(
    r"(?<![A-Za-z0-9])(?:" + "|".join(pattern for _, pattern in REGISTERS.values()) + r")(?![0-9])",
    re.IGNORECASE,
)
_WRITTEN = [written for written, _ in REGISTERS.values()]
_WORDS = sorted({w.rstrip("-/") for w in _WRITTEN} - {"CCMO-NL", "OSF.IO"} | {
    "nct", "Nct", "isrctn", "Isrctn", "CHICTR", "JRCT", "ANZCTR", "ClinicalTrials.gov",
    "Clinicaltrials.gov", "clinicaltrials.gov", "Current Controlled Trials",
})  # fmt: skip
_OSF = ("osf.io", "OSF.IO", "OSF.io")
_EUROPE = re.compile(
    rf"(?<![\d-])((?:19|20)\d\d\s?{_H}\s?\d{{6}}\s?{_H}\s?\d\d)(?:{_H}[A-Z0-9]{{2,3}})?(?![\d-])"
)
_LABELS = frozenset([
    "EudraCT", "Eudra-CT", "Eudra CT", "Eudract", "EUDRACT", "eudract", "EUCTR", "CTIS", "EU CT",
    "EU-CT", "EUCT", "clinicaltrialsregister", "euclinicaltrials",
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
    return _numbers(text, held, not _LABELS.isdisjoint(held)) if held else []


def of_column(cell: str) -> list[str]:
    """The numbers of a cell of registrations, in which Europe's needs no label, and an address of
    OSF is no file's."""
    return _numbers(cell, [*words(cell), *_OSF], True)


def unread(cell: str) -> list[str]:
    """The parts of a cell of registrations that hold a number of no register that is known, each as
    its letters and figures in lower case: it may be mistyped, or of another register.

    A part without a number is none (not registered, registered in 2015), nor a day.
    """
    # ASSUME: of fewer figures than this no register makes its numbers, and a trial's short name may
    # have them (IMPACT 2).
    parts = (
        part for part in re.split(r"[;,|\n]|\s(?:and|und|et|y)\s", cell) if not of_column(part)
    )
    folded = ("".join(re.findall(r"[^\W_]", part)).casefold() for part in parts
              if len(re.findall(r"\d", _DAY.sub(" ", part))) >= 4)  # fmt: skip
    return list(dict.fromkeys(folded))


# How registers, and none else, are called in a cell of registrations.
_OF_A_REGISTER = re.compile(
    r"(?:nct|isrctn|eudra|euctr|ctis|chictr|umin|jrct|japic|kct\d|ctri\d|actrn|anzctr|drks|ntr\d|irct"
    r"|pactr|tctr|slctr|rbr|rpcec|clinicaltrials|currentcontrolledtrials)"
)


def mistyped(cell: str) -> list[str]:
    """Of `unread` the parts that name a register which writes its numbers otherwise; what no
    register of the list writes (a group's number, researchregistry) may be as it should."""
    return [part for part in unread(cell) if _OF_A_REGISTER.match(part)]


# A year by itself, and a day.
_DAY = re.compile(
    r"(?<!\w)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d|"
    r"(?:19|20)\d\d(?:[./-](?:(?:19|20)\d\d|\d{1,2}(?:[./-]\d{1,2})?))?)(?![\w/-])"
)


def _numbers(text: str, held: Iterable[str], europe: bool) -> list[str]:
    found: dict[float, str] = {}
    for word in set(held).intersection((*_WORDS, *_OSF)):
        at = text.find(word)
        while at >= 0:
            match = _ANY.match(text, at)
            if match and match.lastindex:  # each alternative holds one group
                found[at] = _spelled(_WRITTEN[match.lastindex - 1], match[match.lastindex])
            at = text.find(word, at + 1)
    if europe:
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
    digits = "".join(digits.split()).translate(_PLAIN)
    if written in ("EUCTR", "CTIS"):
        return _european(digits)
    if written == "CTRI/":
        *day, last = re.split("[/-]", digits)
        return written + "/".join([*day, last.zfill(6)])
    if written in ("RBR-", "jRCT"):
        return written + digits.lower()
    if written == "ChiCTR" and digits[0].isalpha():
        kind = digits.rstrip("0123456789")
        return f"{written}-{kind.strip('-').upper()}-{digits[len(kind) :]}"
    return written + digits.upper()


def _european(digits: str) -> str:
    """CTIS begins the middle of its numbers with a five, the older register with a zero."""
    digits = "".join(digits.split()).translate(_PLAIN)
    return ("CTIS" if digits[5] == "5" else "EUCTR") + digits
