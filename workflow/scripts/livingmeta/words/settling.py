"""What can wait for a person: each kind as one row, with the words for it.

A kind is an entry of workflow/schemas/settle_kinds.yaml, its code in `settle_kinds` of lists.yaml
beside it, and a function of living/to_settle.py that finds it. `what` is filled with the facts that
this gives.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from livingmeta.words import english

# What a person has not decided, and at which reading.
STATES = {"undecided": "not decided yet", "unsure": "more must be read"}
STAGES = {"title-abstract": "title and abstract", "full-text": "full text"}

DECISIONS = "data/raw/screening/decisions.csv"
# It is read at both places, and counts as one.
REVIEWERS = ("data/raw/reviewers.csv", "data/raw/screening/reviewers.csv")
FULLTEXTS = "data/raw/fulltexts.csv"
CONTACTS = "data/raw/contacts.csv"
SEARCHES = "data/raw/searches/searches.csv"
STUDIES = "data/raw/extraction/studies.csv"
OUTCOMES = "data/raw/extraction/outcomes.csv"
WORKBOOK = "data/raw/extraction/extraction.xlsx"
# How older workbooks are called, which nobody reads: this, a day, and .xlsx.
OLD_WORKBOOK = "data/raw/extraction/old-extraction-"
PROPOSALS = "data/raw/extraction/proposals.csv"
QUOTES = "data/raw/extraction/quotes.csv"
RISK_OF_BIAS = "data/raw/extraction/risk_of_bias.csv"
# The overall judgement as a column of studies, which filters and subgroups may name.
RISK_COLUMN = "risk_of_bias"
CERTAINTY = "data/raw/extraction/certainty.csv"
SENTINEL = "data/raw/sentinel.csv"
REPORT_STATES = "data/raw/states.csv"
KNOWN_ITEMS = "data/raw/known_items.csv"
ROB_ME = "data/raw/extraction/rob_me.csv"
AMENDMENTS = "data/raw/prose/amendments.md"
PROTOCOL = "config/config.yaml"
LIST = "results/to_settle.csv"
CHECKLISTS = "results/package/checklists.csv"
OF_CHECKLISTS = "reporting-owed"
TYPED = "results/prose/typed.csv"
PAGE = "results/screening/screen.html"

# Columns of outcomes.csv, some of them optional, that tell a cell from another besides its place.
CELL_FURTHER = ("adjusted", "part", "event", "measured", "clusters")
# How the reason begins for which a study gives no effect of the parts that alone are printed.
ONLY_OF_PARTS = "only of parts, and nobody says which counts: "
# The same for comparisons of one trial whose shared arm cannot be counted once, and for those that
# count under the name of another; and how it is said of an effect that has its part of that arm.
SHARED_ARM = "one arm is shared by comparisons of a trial, and cannot be counted once: "
COUNTED_WITH = "counts with another comparison of its trial: "
SHARED_OUT = "shared out between comparisons of one trial"
# How the reasons begin for which a filter by risk of bias keeps a study out.
BY_RISK, NO_RISK = "its risk of bias is ", "no settled judgement of its risk of bias"
# How the reason begins for which a study is left out of which two extractors say different things.
BY_LOT = "randomisation"  # what is in doubt where one says so of a design, and the other does not
READ_TWICE = "two extractors differ on its "
# How it is said that an effect leaves the design of its study out of account.
AS_PRINTED = "clusters not accounted for: "
AS_PARALLEL = "patients in both arms taken as though in one each, which is too wide: "


# What speaks for it that two studies have patients in common, by the codes of overlaps.csv.
SIGNS = {
    "registration": "one number of a trial register",
    "named-number": "reports of both name one number of a trial register",
    "report": "one report",
    "retold": "reports of one title and first author, or of one abstract (preprint, talk, paper)",
    "trial": "one trial, of which both print the same arms with other numbers",
    "centre": "one centre, enrolling at the same time",
    "centre-undated": "one centre, and it is not known of both when they enrolled",
    "part-of": "a centre of the one is among those of the other, or the same by part of its name",
    "arms": "the same numbers of an arm",
    "noted": "noted by the reviewers in the column overlap",
}


# Of a warning that has an answer which does not name it.
AGAIN = " (answered, and not among what was told then: column told of data/raw/sentinel.csv)"

# Why the numbers of a study count nowhere.
UNREAD = "its reports are excluded on title and abstract"
MISSING = "nobody could get a report of it, and none is included"
# What a report is that is not included.
NOT_GOT, EXCLUDED, UNDECIDED = "which nobody could get", "which is excluded", "which is not decided"


class Kind(NamedTuple):
    """One kind of thing that waits.

    `weight`: `result` where settling it can change a number, `text` where it is owed to the report;
    `one`, `many`: what such things are called; `listed`: the table that tells most of them.
    """

    code: str
    weight: str
    stage: str
    one: str
    many: str
    listed: str
    what: str
    cure: str


def _kinds() -> tuple[Kind, ...]:
    path = (Path(__file__).parents[3] / "schemas" / "settle_kinds").with_suffix(".yaml")
    loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return tuple(Kind(code, **of) for code, of in loaded.items())


KINDS = _kinds()
OF = {kind.code: kind for kind in KINDS}
# Records on which somebody has still to decide.
TO_DECIDE = ("undecided-record", "conflict-of-reviewers")
# What the pages to settle on settle, by their path under results/.
DESK = "extraction/settle.html"
ON_DESK = {
    "screening/settle.html": ("conflict-of-reviewers", "doubtful-duplicate"),
    DESK: ("conflict-of-extractors", "conflict-on-study", "conflict-of-assessors"),
}


def phrase(code: str, facts: dict[str, Any]) -> dict[str, str]:
    """The columns kind, weight, stage, what and cure of one thing that waits.

    Raises KeyError for a code or a fact that is not known.
    """
    kind = OF[code]
    words = {"what": kind.what.format(**facts), "cure": kind.cure}
    return {"kind": code, "weight": kind.weight, "stage": kind.stage, **words}


def called(code: str, count: int) -> str:
    """What so many things of a kind are called."""
    return OF[code].one if count == 1 else OF[code].many


def outdated(answer: str) -> str:
    """That an answer to a pair of studies holds no more, to end a sentence with; "" for none."""
    told = "column told of data/raw/sentinel.csv"
    return f"; answered {answer}, which does not name all of this ({told})" if answer else ""


def signs(codes: str) -> str:
    """What speaks for it that two studies have patients in common; `codes`: separated by blanks."""
    return "; ".join(SIGNS[code] for code in codes.split())


def counts_in(syntheses: Sequence[str]) -> str:
    """Where a study counts, to end a sentence with; "" for nowhere."""
    return f"; its study counts in {english.listed(syntheses)}" if syntheses else ""


def perhaps(name: str) -> str:
    """`; perhaps this was meant`, or nothing where no name is near."""
    return f"; perhaps {name} was meant" if name else ""


def beside(value: str, expected: str, leads: tuple[str, str] = ("found", "expected")) -> str:
    """` (found 38.3%, expected 38.06%)`, of what there is."""
    both = zip(leads, (value, expected), strict=True)
    parts = [f"{lead} {text}" for lead, text in both if text]
    return f" ({', '.join(parts)})" if parts else ""


def without_effect(reasons: dict[str, list[str]]) -> str:
    """Why a study gives no effect: each reason, and in which syntheses; none if none takes it."""
    said = [f"{reason} ({', '.join(names)})" for reason, names in reasons.items()]
    return "; ".join(said) or "no synthesis of the protocol takes it"


def read_twice(field: str) -> str:
    """Why a study is left out on a field of which two extractors say different things."""
    return f"{READ_TWICE}{field}, and nobody has settled it"


def by_risk(word: str, allowed: Iterable[Any]) -> str:
    """Why a filter by risk of bias keeps a study out; `word`: its judgement, "" where none is."""
    takes = f"the synthesis takes {' and '.join(map(str, allowed))}"
    return f"{BY_RISK}{word}; {takes}" if word else f"{NO_RISK}; {takes}"


def kept_out(column: str, value: str, allowed: Iterable[Any]) -> str:
    """Why a filter on a column of studies.csv keeps a study out."""
    has = f"{column} is {value}" if value else f"nothing in {column}"
    return f"{has}; the synthesis takes {' and '.join(map(str, allowed))}"


def cell(row: dict[str, Any], *, further: bool = True) -> str:
    """A cell of outcomes.csv in words: `survival of local on os at 24 (adjusted: matched)`; empty
    text in `row` for what is not said. `further`: with what only some of its rows may say."""
    words = f"{row['statistic']} of {row['arm']} on {row['outcome']}"
    if not further:
        return words
    written = row.get("time_as_written") or ""
    at = f" at {written or format(row['time'], 'g')}" if row.get("time", "") != "" else ""
    more = [f"{name}: {row[name]}" for name in CELL_FURTHER if row.get(name)]
    return words + at + (f" ({', '.join(more)})" if more else "")


def twice(message: str) -> str:
    """What is said of an arm that stands in two studies, where neither says how it counts."""
    return f"{message.partition('?')[0]}? Its patients count in each"


def not_counted(rows: int) -> str:
    """What is said of a report whose study so many rows are extracted of, which wait for it."""
    if not rows:
        return ""
    told = "row of its study counts" if rows == 1 else "rows of its study count"
    return f"; {rows} extracted {told} nowhere until then"
