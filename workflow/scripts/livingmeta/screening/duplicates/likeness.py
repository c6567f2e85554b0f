"""How two records stand to each other in title, authors and abstract, and how alike they are."""

from livingmeta.screening import normalise, trial_numbers
from livingmeta.screening.duplicates import fields_compared
from livingmeta.screening.duplicates.entries import IDENTIFIERS, Entry
from livingmeta.screening.duplicates.fields_compared import DIFFERENT, SAME, UNKNOWN

_ENOUGH = 25  # words of an abstract from which on it says which report it is of


def title(a: Entry, b: Entry, *, loosely: bool) -> str:
    """How two titles stand to each other; unless `loosely`, only `same` is told from `other`.

    `same` but for slips, `number` but for one, `near`, `part` (one in the other) or `other`.
    """
    if a.title == b.title:
        return "same" if a.title else "other"
    if a.title.replace("_", "") == b.title.replace("_", ""):
        return "same"
    if not a.words or not b.words:
        return "other"
    if (a.numbered or b.numbered) and not two_numbers(a, b):
        one, two = (e.unnumbered or e.title for e in (a, b))
        if one == two:
            return "same"
    if a.other_titles or b.other_titles:
        mine, theirs = ({t.replace("_", "") for t in (e.title, *e.other_titles)} for e in (a, b))
        if mine & theirs:
            return "same"
    shorter, longer = sorted((len(a.words), len(b.words)))
    if len(a.words & b.words) < (0.5 * shorter - 2 if loosely else longer - 4):
        return "other"
    common, left_a, left_b = fields_compared.words_in_common(a.title, b.title)
    if not left_a and not left_b:
        return "same"
    if not loosely:
        return "other"
    numbers_a = [w for w in left_a if fields_compared.is_number(w)]
    numbers_b = [w for w in left_b if fields_compared.is_number(w)]
    if numbers_a and numbers_b:
        return "number" if left_a == numbers_a and left_b == numbers_b else "other"
    if common >= 0.8 * longer:
        return "near"
    if common >= 0.9 * shorter:
        return "part"
    return "other"


def two_numbers(a: Entry, b: Entry) -> bool:
    """Whether both titles have a number of a programme, and other ones; P-123 is Abstract 123."""
    figures = {"".join(filter(str.isdigit, e.numbered)).lstrip("0") for e in (a, b)}
    letters = {"".join(filter(str.isalpha, e.numbered)) for e in (a, b)} - {""}
    return "" not in figures and (len(figures) > 1 or len(letters) > 1)


def further_words(a: Entry, b: Entry) -> tuple[list[str], list[str]]:
    """The words of each title that the other lacks, but for slips and the small ones."""
    _, left_a, left_b = fields_compared.words_in_common(a.title, b.title)
    small = fields_compared.SMALL
    return [w for w in left_a if w not in small], [w for w in left_b if w not in small]


def authors(a: Entry, b: Entry) -> int:
    """Whether the first authors, or most of all, are the same people."""
    if not a.family or not b.family:
        return UNKNOWN
    if a.family & b.family or a.family & b.given or a.given & b.family:
        return SAME
    if any(fields_compared.slip(x, y) for x in a.family for y in b.family):
        return SAME
    common = len(a.families & b.families)
    if common and common >= 0.5 * min(len(a.families), len(b.families)):
        return SAME
    # a study group on one side, and on the other who wrote for it
    return UNKNOWN if a.collective != b.collective else DIFFERENT


def everyone(a: Entry, b: Entry) -> bool:
    """Whether all authors are the same people, one name in four perhaps written otherwise."""
    common = len(a.families & b.families)
    return a.authors == b.authors > 0 and common >= 0.75 * max(len(a.families), len(b.families))


def abstracts(a: Entry, b: Entry) -> int:
    """Whether two abstracts are one text, by their words and numbers; copies may be cut short.

    Companion abstracts of one group share many sentences, and hardly their numbers.
    """
    if not a.abstract or not b.abstract:
        return UNKNOWN
    one = _words(a.abstract)
    if a.abstract == b.abstract:
        return SAME if len(one) >= _ENOUGH else UNKNOWN
    two = _words(b.abstract)
    if len(one) > len(two):
        one, two = two, one
    if len(one) < _ENOUGH:
        return UNKNOWN
    if len(one) < 0.7 * len(two):  # cut short: the opening of the longer one
        two = two[: len(one) + 10]
    ours, theirs = frozenset(one), frozenset(two)
    common = len(ours & theirs)
    if common < 0.4 * min(len(ours), len(theirs)):
        return DIFFERENT
    numbers = {w for w in ours ^ theirs if not w.isalpha()}
    every = {w for w in ours | theirs if not w.isalpha()}
    if common >= 0.8 * max(len(ours), len(theirs)) and len(numbers) <= 0.25 * len(every):
        return SAME
    return UNKNOWN


def registrations(a: Entry, b: Entry) -> int:
    """Whether two abstracts name numbers of one register, and which: two trials of one title. A
    trial may stand in several registers."""
    if not a.abstract or not b.abstract:
        return UNKNOWN
    ours = frozenset(trial_numbers.numbers(a.abstract))
    if a.abstract == b.abstract:
        return SAME if ours else UNKNOWN
    theirs = frozenset(trial_numbers.numbers(b.abstract))
    if ours & theirs:
        return SAME
    registers = [{trial_numbers.register(number) for number in named} for named in (ours, theirs)]
    return DIFFERENT if registers[0] & registers[1] else UNKNOWN


def _words(text: str) -> list[str]:
    return normalise.title_key(text).split("_")


def alike(a: Entry, b: Entry) -> int:
    """In how many fields two records agree, less those in which they differ."""
    found = sum(fields_compared.agree(getattr(a, n), getattr(b, n)) for n in IDENTIFIERS) * 2
    found += sum(fields_compared.agree(getattr(a, n), getattr(b, n)) for n in ("volume", "issue"))
    found += fields_compared.pages(a.page, b.page) + fields_compared.agree(a.range, b.range)
    found += fields_compared.agree(str(a.year or ""), str(b.year or ""))
    found += fields_compared.journals(a.journal, b.journal) + authors(a, b) + abstracts(a, b)
    found += (a.families == b.families) + (a.abstract == b.abstract)
    return found + 2 * (a.title == b.title) + (title(a, b, loosely=True) != "other")
