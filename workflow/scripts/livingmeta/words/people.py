"""Names of people, who are one person however they are spelt."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache
from itertools import permutations, product

CONSENSUS = "consensus"  # who settles what two people read differently


_JOINED = re.compile(r"\s*[;/+&,]\s*|\s+(?:and|und|et|y)\s+", re.IGNORECASE)
_FAMILY_FIRST = re.compile(r"([^,;(]*[^,;(\s])\s*,\s*([^,;(]*[^,;(\s])\s*")


def _words(name: str) -> list[str]:
    """The words of a name without case, accents and signs, the given name first."""
    if found := _FAMILY_FIRST.fullmatch(name):
        name = f"{found[2]} {found[1]}"
    apart = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c for c in apart if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", letters)


def plain(name: str) -> str:
    """The letters and figures of a name, one after another."""
    return "".join(_words(name))


@lru_cache(maxsize=10_000)
def key(name: str) -> str:
    """The name as it is compared: Kim Lee, kim-lee, Kím  Lee and `Lee, Kim` are one, K.L. and KL,
    and so is what people agreed on, `Consensus (kim, ann)`."""
    letters = plain(name)
    return CONSENSUS if letters.startswith(CONSENSUS) else letters or name.strip().casefold()


def one_person(one: str, other: str) -> bool:
    """Whether two names are of one person, either in full or some words of it: kim and Kim Lee,
    ann-marie and Ann Marie Lee. No name is that of no name alone."""
    if not plain(one) or not plain(other):
        return plain(one) == plain(other)
    return _within(one, other) or _within(other, one)


def _within(part: str, whole: str) -> bool:
    words = _words(whole)
    ends = range(1, len(words) + 1)
    return any(plain(part) == "".join(words[i:j]) for j in ends for i in range(j))


def perhaps_one(one: str, other: str) -> bool:
    """Whether two names that are compared as two may be of one person: the words of the one are
    among those of the other, in full or as their initials (A. Berg, Berg A, Dr. Anna Berg, ABerg,
    AB and Anna Berg). A figure tells two apart: Reviewer and Reviewer 2."""
    short, long = sorted((_words(one), _words(other)), key=lambda words: (len(words), words))
    if key(one) == key(other) or not short or _figures(short) != _figures(long):
        return False
    if one_person(one, other) or _among(short, long):
        return True
    # ASSUME: names of more words than four are not made one word of; their orders are many.
    orders = permutations(long) if len(long) <= 4 else [long]
    joined = {"".join(parts) for order in orders for parts in product(*((w, w[0]) for w in order))}
    return len(long) > 1 and len(short) == 1 and len(short[0]) > 1 and short[0] in joined


def _figures(words: list[str]) -> set[str]:
    return {word for word in words if word.isdigit()}


def _among(short: list[str], long: list[str]) -> bool:
    """Whether each word is another word of the longer name or its initial, or has it as such, and
    one of them is there in full."""
    full = {word for word in short if len(word) > 1} & set(long)
    return bool(full) and any(
        all(
            a == b or (1 in (len(a), len(b)) and a[0] == b[0])
            for a, b in zip(short, some, strict=True)
        )
        for some in permutations(long[:5], len(short))
    )


def of_one(name: str, people: Iterable[str]) -> str:
    """The one of the people whom a name means: who is called so, or else the only one of whose
    name it is a part; the name itself where that is nobody or several."""
    known = {plain(one): one for one in people if plain(one)}
    if plain(name) in known:
        return known[plain(name)]
    meant = [one for one in known.values() if one_person(name, one)]
    return meant[0] if len(meant) == 1 else name


def several(name: str, everybody: Collection[str]) -> list[str]:
    """The people whom one cell names: `AM; BL`, or `AM/BL` where both are known by themselves; []
    where it names one, or what people agreed on. `everybody`: names as `key` gives them."""
    parts = [part for part in _JOINED.split(name.strip()) if part]
    if len(parts) < 2 or key(name) == CONSENSUS:
        return []
    each = {key(part) for part in parts}
    return parts if len(each) > 1 and (";" in name or each <= set(everybody)) else []
