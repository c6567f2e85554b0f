"""Small words: plurals, lists and dates in the English of the report."""

import re
from collections.abc import Iterable

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
IRREGULAR = {"study": "studies", "analysis": "analyses", "hypothesis": "hypotheses", "is": "are"}
SYMBOLS = "τκχ"  # whose capitals are other letters to a reader
NAMED_AFTER = ("Peto", "Bayesian", "Egger", "Shapley")
SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def plural(count: int, word: str) -> str:
    """The word in the number that goes with `count`: `study` or `studies`, `is` or `are`."""
    if count == 1:
        return word
    first, _, last = word.rpartition(" ")
    ending = re.search(r"[^aeiou]y$", last)
    hissing = last.endswith(("ch", "sh", "s", "x"))
    regular = last[:-1] + "ies" if ending else last + ("es" if hissing else "s")
    many = IRREGULAR.get(last, regular)
    return f"{first} {many}".strip()


def of_time(time: float | None, unit: str) -> str:
    """The unit of a time, in the number that goes with it: 1 `month`, 6 `months`."""
    return unit.removesuffix("s") if time == 1 else unit


def spelt(count: int) -> str:
    """A count in words up to nine, as journals want it in running text."""
    return SMALL[count] if 0 <= count < len(SMALL) else f"{count:,}"


def listed(words: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    words = [str(word) for word in words]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def date(iso: str) -> str:
    """`2022-05-01` as `1 May 2022`; what is no such date stays as it is."""
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", str(iso))
    if not found or not 1 <= int(found[2]) <= 12:
        return str(iso)
    return f"{int(found[3])} {MONTHS[int(found[2]) - 1]} {found[1]}"


def heading(column: str) -> str:
    """The name of a column as a person would write it: `local_treatment`, `Local treatment`."""
    return sentence(str(column).replace("_", " ").replace("-", " "))


def sentence(text: str) -> str:
    """The text with a capital at its beginning; a symbol such as τ² has none."""
    text = str(text)
    return (text[:1].upper() if text[:1] not in SYMBOLS else text[:1]) + text[1:]


def within(label: str) -> str:
    """A label inside a sentence: `Local treatment` becomes `local treatment`, `BCG` and `HbA1c`
    stay, and so does what bears a person's name."""
    label = str(label)
    first = label.split(" ")[0]
    plain = len(label) == 1 or (first[1:].islower() and first not in NAMED_AFTER)
    return label[:1].lower() + label[1:] if plain else label


def full_stop(text: str) -> str:
    """The text as a sentence that ends."""
    text = sentence(str(text).strip())
    return text if not text or text[-1] in ".!?" else f"{text}."


def first_author(authors: str) -> str:
    """`Kim S and others` of a list in the form `Family, Given; Family, Given`."""
    people = [person.strip() for person in str(authors).split(";") if person.strip()]
    if not people:
        return ""
    return people[0].replace(",", "") + (" and others" if len(people) > 1 else "")
