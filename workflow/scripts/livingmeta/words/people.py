"""Names of people, who are one person however they are spelt."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from contextlib import suppress
from functools import lru_cache
from itertools import combinations, permutations, product

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
    AB and Anna Berg), in whatever letters (Mueller, Sorensen, and what a wrong code makes of
    these), or but for a slip of the pen. Figures and parts tell two apart (Reviewer and Reviewer
    2), unless the one is called by its name alone (Kim and Kim 2)."""
    if key(one) == key(other) or CONSENSUS in (key(one), key(other)):
        return False
    parts = _part(one), _part(other)
    if any(parts):
        return parts[0] == parts[1]
    pairs = [(a, b) for a in spellings(one) for b in spellings(other)]
    if any(_may_be_one(a, b) for a, b in pairs) or _slip_of(_shortest(one), _shortest(other)):
        return True
    return _unread(one, other) or _unread(other, one)


def _may_be_one(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """`perhaps_one` of the words of two names, each in one spelling."""
    short, long = sorted((one, other), key=lambda words: (len(words), words))
    named, whole = ([w for w in words if not w.isdigit()] for words in (short, long))
    named = _in_letters(named, whole)
    if not named or _apart(short, long):
        return False
    joined = "".join(named)
    ends = range(1, len(whole) + 1)
    if any(joined == "".join(whole[i:j]) for j in ends for i in range(j)) or _among(named, whole):
        return True
    if _called_short(named, whole):
        return True
    # ASSUME: names of more words than four are not made one word of; their orders are many.
    orders = permutations(whole) if len(whole) <= 4 else [whole]
    made = {"".join(parts) for order in orders for parts in product(*((w, w[0]) for w in order))}
    return len(whole) > 1 and len(named) == 1 and len(named[0]) > 1 and joined in made


def _in_letters(named: list[str], whole: list[str]) -> list[str]:
    """The words of the shorter name, one that is the initials of two or three words of the longer
    as so many (JP Dupont and Jean-Pierre Dupont)."""
    found = []
    for word in named:
        size = len(word)
        runs = ("".join(w[0] for w in whole[i : i + size]) for i in range(len(whole) - size + 1))
        initials = 1 < size < 4 and len(named) > 1 and word not in whole and word in runs
        found += list(word) if initials else [word]
    return found


def _called_short(one: list[str], other: list[str]) -> bool:
    """Whether two names are of one family, and the given name of one is the other's for short."""
    mine, theirs = set(one) - set(other), set(other) - set(one)
    family = any(len(word) > 1 for word in set(one) & set(other))
    return family and any(b in _SHORT.get(a, ()) or a in _SHORT.get(b, ())
                          for a in mine for b in theirs)  # fmt: skip


def _apart(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether both names have figures, and other ones: Kim 1 and Kim 2."""
    first, second = ({word for word in words if word.isdigit()} for words in (one, other))
    return bool(first and second) and first != second


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Given names for short, as colleagues write them.
_SHORT = {
    short: _set(names)
    for short, names in {
        "alex": "alexander alexandra alexandre alejandro alejandra", "andy": "andrew andreas",
        "angie": "angela", "bea": "beatrice beatrix beatriz", "ben": "benjamin",
        "bernd": "bernhard", "beth": "elizabeth elisabeth", "bill": "william", "bob": "robert",
        "cathy": "catherine", "charlie": "charles charlotte", "chris": "christopher christine "
        "christian christina christoph", "christa": "christiane", "conny": "cornelia",
        "dan": "daniel", "danny": "daniel", "dave": "david", "debbie": "deborah",
        "dick": "richard", "ed": "edward edwin", "fran": "frances francis", "fred": "frederick",
        "gabi": "gabriele", "greg": "gregory", "hans": "johannes", "heinz": "heinrich",
        "jack": "john", "jan": "johannes", "jeff": "jeffrey", "jen": "jennifer",
        "jenny": "jennifer", "jim": "james", "joe": "joseph", "jo": "joanna joanne johanna",
        "jon": "jonathan", "josh": "joshua", "kate": "katherine catherine",
        "kathy": "katherine kathrin", "kati": "katharina", "ken": "kenneth", "kim": "kimberly",
        "klaus": "nikolaus", "larry": "lawrence", "liz": "elizabeth elisabeth",
        "lisa": "elisabeth elizabeth", "maggie": "margaret", "manu": "manuel manuela",
        "matt": "matthew matthias", "max": "maximilian maxime", "meg": "margaret",
        "mel": "melanie melissa", "mia": "maria", "mick": "michael", "mike": "michael",
        "michi": "michael michaela", "moni": "monika", "nick": "nicholas nicolas nikolaus",
        "nico": "nicolas nicola", "niki": "nicole", "pam": "pamela", "pat": "patrick patricia",
        "paco": "francisco", "pepe": "jose", "pete": "peter", "phil": "philip philipp",
        "ray": "raymond", "rick": "richard", "rob": "robert", "ron": "ronald",
        "sam": "samuel samantha", "sandy": "sandra", "sebi": "sebastian", "seb": "sebastian",
        "steffi": "stefanie stephanie", "steph": "stephanie", "steve": "stephen steven",
        "sue": "susan susanne", "susi": "susanne", "ted": "edward theodore", "tim": "timothy",
        "tina": "christina martina", "tobi": "tobias", "toby": "tobias", "tom": "thomas",
        "toni": "anton antonia", "tony": "anthony antonio", "uli": "ulrich ulrike",
        "uschi": "ursula", "vicky": "victoria", "will": "william", "wolf": "wolfgang",
        "zach": "zachary",
    }.items()
}  # fmt: skip
# What stands before or behind a name, of whomever.
_TITLES = _set("dr prof professor doctor doktor herr frau mrs phd")
# People called by what they do: a figure tells them apart, and without one they are anybody.
_PARTS = _set(
    "r rev reviewer reviewers rater screener assessor extractor author reader judge person user "
    "gutachter gutachterin prufer leser revisor revisora revisore evaluador lecteur relecteur "
    "evaluateur beoordelaar nr no"
)
_FIGURES = {
    word: str(number)
    for number, words in enumerate(
        (
            *("one first 1st i eins erster un uno premier", "two second 2nd ii zwei zweiter deux"),
            *("three third 3rd iii drei dritter trois tres", "four fourth 4th iv vier quatre"),
        ),
        start=1,
    )
    for word in words.split()
}


def _part(name: str) -> str:
    """Which of several a name says, that says no more: `1` of R1, Reviewer One and 1st reviewer;
    the part itself without a figure; "" of a person's name."""
    letters = re.findall(r"\d(?:st|nd|rd|th)\b|[^\W\d_]+|\d+", " ".join(_words(name)))
    said = [_FIGURES.get(word, word) for word in letters if word not in _PARTS]
    if len(said) == len(letters) or any(not word.isdigit() for word in said):
        return ""
    return " ".join(said) or " ".join(letters)


# Letters that no accent is taken from, and how a keyboard without them writes some of them.
_BARE = str.maketrans({
    "\u00f8": "o", "\u0142": "l", "\u0131": "i", "\u0111": "d", "\u00f0": "d", "\u00e6": "ae",
    "\u0153": "oe", "\u00fe": "th", "\u0127": "h", "\u0167": "t", "\u014b": "n",
})  # fmt: skip
_IN_TWO = str.maketrans({
    "\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue", "\u00f8": "oe", "\u00e5": "aa",
})  # fmt: skip
# A text in the code on the right, opened as though it were in the one on the left.
_MISREAD = (
    *(("cp1252", "utf-8"), ("latin-1", "utf-8"), ("mac_roman", "utf-8")),
    *(("cp1252", "mac_roman"), ("mac_roman", "cp1252")),
)
_DOMAIN = re.compile(r"(?<=\w)@[\w-]+(?:\.[\w-]+)+\b")
_SIGNS = frozenset(" .,-'\u2019")


@lru_cache(maxsize=10_000)
def spellings(name: str) -> frozenset[tuple[str, ...]]:
    """The words of a name, without titles, in each spelling it may have: M\u00fcller is muller and
    mueller, and what another program made of it by the wrong code is read in the right one."""
    name = _DOMAIN.sub("", name)  # of an address the people before it
    texts = {name}
    for wrong, right in _MISREAD:
        with suppress(UnicodeError):
            text = name.encode(wrong).decode(right)
            if _is_name(text) and not (wrong == "mac_roman" and _is_name(name)):
                texts.add(text)
    found = set()
    for text in texts:
        text = unicodedata.normalize("NFC", text).casefold()
        for written in (text, text.translate(_IN_TWO)):
            words = _words(unicodedata.normalize("NFKD", written).translate(_BARE))
            parts = [p for word in words for p in re.findall(r"[^\W\d_]+|\d+", word)]
            found.add(tuple(p for p in parts if p not in _TITLES) or tuple(parts))
    return frozenset(found)


def _is_name(text: str) -> bool:
    """Whether a text is of letters, figures and what stands between them in names."""
    return all(unicodedata.category(c) in ("Lu", "Ll", "Nd") or c in _SIGNS for c in text)


# A letter that some program could not write. At the end of a word a question is no letter.
_LOST = re.compile(r"(?<=\w)(?:\?+(?=\w)|\ufffd+)")


def _unread(one: str, other: str) -> bool:
    """Whether a name is the other one, or some words of it, with a letter that some program could
    not write: M?ller."""
    if not _LOST.search(one):
        return False
    for words in spellings(other):
        read = []
        for part in re.split(r"[\s.,;-]+", one):
            like = re.compile(r"\w{1,2}".join("".join(_words(p)) for p in _LOST.split(part)))
            read += [next((w for w in words if _LOST.search(part) and like.fullmatch(w)), part)]
        held = tuple(_words(" ".join(read)))
        if not _LOST.search(" ".join(read)) and (held == words or _may_be_one(held, words)):
            return True
    return False


def _shortest(name: str) -> list[str]:
    """The words of a name without figures, as a keyboard without its letters writes them."""
    words = min(spellings(name), key=lambda words: (len("".join(words)), words))
    return [word for word in words if not word.isdigit()]


def _slip_of(one: list[str], other: list[str]) -> bool:
    """Whether all words are the same but one, which is the other one but for a slip of the pen."""
    mine = [word for word in one if word not in other]
    theirs = [word for word in other if word not in one]
    if len(mine) != 1 or len(theirs) != 1:
        return False
    # ASSUME: names are short, and one letter makes another of many (Kim and Kang, Ann and Anna, Li
    # and Liu, Zhang and Zheng); of those that are longer than this a slip is as likely. Another
    # name beside it, which is the same, makes it likelier.
    least = 5 if any(len(word) > 1 for word in one if word in other) else 6
    return _slip(mine[0], theirs[0], least)


def _slip(one: str, other: str, least: int) -> bool:
    """Whether one letter too many, another one, or two in the wrong order tell two words apart.
    Not the first letter, nor an ending (Daniel and Daniela, Andrea and Andreas). `least`: how many
    letters the shorter has; one more where a letter is another one (Jansen and Jensen)."""
    short, long = sorted((one, other), key=lambda word: (len(word), word))
    if len(short) < least or short[0] != long[0]:
        return False
    if len(long) == len(short) + 1:
        last = long[:-1] == short and long[-1] != short[-1]
        return not last and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
    if len(long) != len(short):
        return False
    apart = [i for i, (a, b) in enumerate(zip(short, long, strict=True)) if a != b]
    if len(apart) == 2 and apart[1] == apart[0] + 1 and apart[1] < len(short) - 1:
        return short[apart[0]] == long[apart[1]] and short[apart[1]] == long[apart[0]]
    return len(apart) == 1 and len(short) > least and apart[0] < len(short) - 1


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


# Words for what several people do together. ASSUME: a person who is called so says it once, in
# reviewers.csv; two capitals (WE, US) are somebody's initials.
_GROUP = _set(
    "both all team group panel committee everyone everybody together joint jointly agreed "
    "agreement agree discussion discussed resolved adjudicated adjudication reconciled final we "
    "konsens konsensus consenso consens accord overeenstemming samtykke enighet "
    "beide alle gemeinsam einigung gruppe einig wir diskussion "
    "tous toutes ensemble equipe groupe discussione nous "
    "ambos ambas todos todas equipo grupo acuerdo acordo "
    "entrambi entrambe tutti insieme gruppo accordo "
    "allebei samen iedereen groep begge sammen"
)
# Before the names of those who agreed: Konsens Kim/Lee.
_AGREED = _set("konsens konsensus consenso consens einigung overeenstemming enighet samtykke")
_BESIDE = _set(
    "the of in by a two three de les la le los las die beiden im par por reviewers authors "
    "screeners raters extractors assessors people us members decision whole deux"
)


def is_a_group(name: str) -> bool:
    """Whether a name says that several people decided together, and is no consensus."""
    words = [word for word in _words(name) if not word.isdigit()]
    initials = name.isupper() and len(name) <= 3
    said = bool(set(words) & _GROUP) and set(words) <= _GROUP | _BESIDE | _PARTS
    said |= len(words) > 1 and words[0] in _AGREED
    return said and not initials and key(name) != CONSENSUS


def doubtful(names: Collection[str], known: Collection[str]) -> list[tuple[str, ...]]:
    """Of the names that stand at one thing the pairs that may be one person, and each that several
    people go by. `known`: who is said to be a person of their own, as `key` gives them."""
    new = [name for name in sorted(names) if key(name) != CONSENSUS]
    found: list[tuple[str, ...]] = [
        (name,) for name in new if is_a_group(name) and key(name) not in known
    ]
    for pair in combinations(new, 2):
        if perhaps_one(*pair) and not all(key(name) in known for name in pair):
            found.append(pair)
    return found


def asked(names: tuple[str, ...], what: str, where: str) -> str:
    """What is said of one of `doubtful`; `what`: what each counts as (reviewer); `where`: on what
    (2 records)."""
    if len(names) == 1:
        return f"{names[0]} is no name of one person, and counts as one more {what}, on {where}"
    both = " and ".join(names)
    return f"{both} count as two {what}s, on {where}; by their names they may be one person"


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
