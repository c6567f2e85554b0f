"""Every number that is printed goes through here: rounded in one place, and traceable.

`show` turns a value into text by the rules of its kind; figures use it as such. `Numbers` is the
register behind a report: a number has one id, one value, one text, and the ids or raw rows that
it was computed from. Two places that print the same id cannot differ.
"""

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple, NotRequired, TypedDict

from livingmeta.errors import InternalError

MISSING = "–"
MINUS = "−"


class NumbersError(InternalError):
    """A number of the report has no id, no known kind, two values, or parents nobody knows."""


class Rule(NamedTuple):
    """How one kind of number is rounded.

    `steps`: (from this size on, this many decimals), the largest size first; the size is that of
    the number as printed. `least`: what is above 0 and below it is printed as `<least`; `most`:
    what is above it as `>most`. `factor` comes before rounding, `suffix` after. `strip`: without
    noughts at the end. `zero`: how exactly 0 is printed.
    """

    steps: tuple[tuple[float, int], ...]
    factor: int = 1
    suffix: str = ""
    least: str = ""
    most: str = ""
    thousands: bool = False
    strip: bool = False
    zero: str = ""


RULES = {
    "count": Rule(((0, 0),), thousands=True),
    "year": Rule(((0, 0),)),
    # A proportion is held as 0.718 and printed as 71.8%; a percentage is held as 71.8.
    "proportion": Rule(((0, 1),), factor=100, suffix="%"),
    "percentage": Rule(((0, 1),), suffix="%"),
    # Of a rare event less than one patient in a thousand, and that is not nobody.
    "per-thousand": Rule(
        ((1, 0), (0.1, 1), (0, 2)), factor=1000, least="0.01", thousands=True, zero="0"
    ),
    "ratio": Rule(((100, 0), (10, 1), (0.05, 2), (0, 3)), least="0.001", thousands=True),
    "difference": Rule(((100, 1), (0, 2)), thousands=True),
    "variance": Rule(((100, 1), (10, 2), (0, 3)), least="0.001", zero="0"),
    "analysis": Rule(((0, 4),)),
    "coefficient": Rule(((100, 1), (1, 2), (0, 3)), thousands=True),
    "statistic": Rule(((100, 1), (0, 2)), thousands=True),
    "degrees": Rule(((0, 1),), strip=True),
    "p": Rule(((0.1, 2), (0, 3)), least="0.001", most="0.99", zero="<0.001"),
    "time": Rule(((0, 1),), strip=True),
    # The same as an estimate: it and the ends of its interval have their decimals alike.
    "length": Rule(((0, 1),)),
    # A moment that was laid down, such as a quarter of a year, is no measured length of time.
    "time-point": Rule(((0, 2),), strip=True),
    "rate": Rule(((10, 1), (0.1, 2), (0, 4)), least="0.0001"),
    # As a report printed it: no decimal is added, none taken away.
    "as-printed": Rule(((0, 6),), thousands=True, strip=True),
    "percentage-as-printed": Rule(((0, 6),), factor=100, suffix="%", strip=True),
}


# Kinds whose intervals can be narrower than their decimals, and how many more they may get.
FINER = ("ratio", "difference", "rate", "length")
MOST_FINER = 6


def missing(value: float | str | None) -> bool:
    """Whether there is no number: None, NaN, an empty cell."""
    # pd.NA is known by its name: it cannot be compared, and pandas need not be imported for it.
    return (
        value is None
        or type(value).__name__ == "NAType"
        or (isinstance(value, str) and not value)
        or value != value
    )


def show(value: Any, kind: str) -> str:
    """A value as printed; of a pair, `low to high`.

    `value`: a number on the scale of its kind (see RULES), a pair of them, or what is missing
    (printed as a dash). Halves are rounded away from zero, as readers expect.
    Raises NumbersError for a kind that is not in RULES.
    """
    rule = _rule(kind)
    if isinstance(value, tuple | list):
        low, high = value
        if missing(low) or missing(high):
            return MISSING
        return f"{show(low, kind)} to {show(high, kind)}"
    if missing(value):
        return MISSING
    return _rounded(float(value), rule)


def finer(kind: str, value: float | None, low: float | None, high: float | None) -> str:
    """The kind for an estimate and its interval, with as many further decimals (`ratio+1`) as show
    two significant figures of half the width of the interval, and tell estimate and limits apart
    where they differ: never `1.00 (1.00 to 1.00)`. A `time` becomes a `length`."""
    kind = "length" if kind == "time" else kind
    three = (low, value, high)
    if kind not in FINER or any(missing(v) or math.isinf(float(v or 0)) for v in three):
        return kind
    first = _further(kind, *map(float, three))  # type: ignore[arg-type]  # none is missing
    for more in range(first, MOST_FINER + 1):
        named = f"{kind}+{more}" if more else kind
        texts = [show(v, named) for v in three]
        if any(text.startswith("<") for text in texts):
            return kind
        if len(set(texts)) == len(set(three)):
            return named
    return kind


def _further(kind: str, low: float, value: float, high: float) -> int:
    """The further decimals that show two significant figures of half the width."""
    half = abs(high - low) / 2
    if not half > 0:
        return 0
    rule = _rule(kind)
    # In the decimals that the widest of the three has, which has the fewest.
    own = _decimals(Decimal(repr(max(abs(low), abs(value), abs(high)))), rule.steps)
    return min(max(0, 1 - math.floor(math.log10(half)) - own), MOST_FINER)


def _rule(kind: str) -> Rule:
    """The rule of a kind, or of one with further decimals (`finer`)."""
    name, _, more = kind.partition("+")
    if name not in RULES:
        raise NumbersError(f"no kind of number is called '{kind}'; known are {', '.join(RULES)}")
    rule = RULES[name]
    steps = tuple((size, decimals + int(more or 0)) for size, decimals in rule.steps)
    return rule._replace(steps=steps) if more else rule


def _rounded(value: float, rule: Rule) -> str:
    if math.isinf(value):
        return ("" if value > 0 else MINUS) + "∞"
    exact = Decimal(repr(value)) * rule.factor
    if rule.zero and exact == 0:
        return rule.zero
    if rule.least and 0 < exact < Decimal(rule.least):
        return f"<{rule.least}{rule.suffix}"
    if rule.most and exact > Decimal(rule.most):
        return f">{rule.most}{rule.suffix}"
    decimals = _decimals(abs(exact), rule.steps)
    result = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    # 9.996 becomes 10.00 at two decimals, where one is enough: 10.0.
    decimals = min(decimals, _decimals(abs(result), rule.steps))
    result = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    digits = f"{abs(result):,f}" if rule.thousands else f"{abs(result):f}"
    if rule.strip and "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return f"{MINUS if result < 0 else ''}{digits}{rule.suffix}"


def _decimals(size: Decimal, steps: tuple[tuple[float, int], ...]) -> int:
    return next((decimals for least, decimals in steps if size >= Decimal(str(least))), 0)


def with_sign(name: str, text: str) -> str:
    """`p = 0.03`, but `p < 0.001`: the sign stands in the text already where it is not equal."""
    return f"{name} {text[0]} {text[1:]}" if text[:1] in "<>" else f"{name} = {text}"


class Entry(TypedDict):
    """One number of numbers.json. `value`: as JSON holds it, a pair as a list; `text`: as printed;
    `parents`: ids of the numbers it was computed from, or file and row of what people brought;
    `source`, `quote`, `note`: of a printed number, where its row stands and what it says."""

    id: str
    what: str
    value: float | str | list[float | str | None] | None
    text: str
    unit: str
    parents: list[str]
    source: NotRequired[str]
    quote: NotRequired[str]
    note: NotRequired[str]


class Numbers:
    """The register of a report's numbers."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Numbers":
        """The register that holds these entries of numbers.json already."""
        register = cls()
        register._entries = {entry["id"]: entry.copy() for entry in entries}
        return register

    def __contains__(self, id_: str) -> bool:
        return id_ in self._entries

    def add(
        self,
        id_: str,
        value: float | tuple[float, ...] | None,
        kind: str,
        unit: str = "",
        parents: Iterable[str] = (),
        what: str = "",
    ) -> str:
        """Register a number and return its text.

        `id_`: names it wherever it is printed. `value`, `kind`: see `show`. `parents`: the ids of
        the numbers it was computed from, or, for what people brought, the file and row. `what`:
        what it is, in words. `unit`: what it is counted in, as one would read it after the text.
        The same number may be registered twice; another value under the same id is an error.
        """
        entry: Entry = {
            "id": id_,
            "what": what,
            "value": _plain(value),
            "text": show(value, kind),
            "unit": unit or _rule(kind).suffix,
            "parents": list(dict.fromkeys(parents)),
        }
        return self._kept(entry)

    def add_as_text(
        self,
        id_: str,
        value: float,
        text: str,
        parents: Iterable[str],
        what: str = "",
        *,
        source: str = "",
        quote: str = "",
        note: str = "",
    ) -> str:
        """Register a number whose text is not ours to round: as a report printed it, or as it
        stands in a sentence of an earlier stage.

        `source`, `quote`, `note`: what the raw row says of where it stands, or "". Another text
        under the same id is an error.
        """
        entry: Entry = {
            "id": id_,
            "what": what,
            "value": _plain(value),
            "text": text,
            "unit": "%" if text.endswith("%") else "",
            "parents": list(dict.fromkeys(parents)),
        }
        if source:
            entry["source"] = source
        if quote:
            entry["quote"] = quote
        if note:
            entry["note"] = note
        return self._kept(entry)

    def _kept(self, entry: Entry) -> str:
        known = self._entries.setdefault(entry["id"], entry)
        if known["value"] != entry["value"] or known["text"] != entry["text"]:
            raise NumbersError(
                f"the number '{entry['id']}' is {known['value']} in one place and "
                f"{entry['value']} in another"
            )
        return known["text"]

    def text(self, id_: str) -> str:
        """The text of a registered number; NumbersError if there is none of this id."""
        return self.entry(id_)["text"]

    def under(self, beginning: str) -> list[str]:
        """The registered ids that begin so."""
        return [id_ for id_ in self._entries if id_.startswith(beginning)]

    def entry(self, id_: str) -> Entry:
        """All that is known of a registered number."""
        if id_ not in self._entries:
            raise NumbersError(f"the report prints the number '{id_}', which nobody registered")
        return self._entries[id_]

    def as_list(self) -> list[Entry]:
        """The entries of numbers.json, in the order in which they were registered."""
        return [entry.copy() for entry in self._entries.values()]


def _plain(value):
    """A value as JSON holds it: no NaN, no infinity, no NumPy."""
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if missing(value):
        return None
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float):
        if math.isinf(number):
            return "infinite" if number > 0 else "-infinite"
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    return number
