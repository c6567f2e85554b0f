"""The news of a review in one paragraph, as an e-mail has it."""

from collections.abc import Sequence
from textwrap import shorten
from typing import NamedTuple

from livingmeta.words import english, guard_rails

PAGE = "results/living/news.html"
# What a record is that is no ordinary report.
FLAGS = guard_rails.FLAGS | {"erratum": "a correction of another", "preprint": "a preprint"}
LONGEST = 200  # letters of a title in a paragraph
# Where the number of patients of a record is from.
FROM = {
    "title": "its title says",
    "abstract": "its abstract says",
    "median": "assumed, as the median study of the result has",
}


class Most(NamedTuple):
    """The record to read first: its title, its flag or "", and of the result that it could move
    most the title, the estimate now, the two that it could move to, its weight, patients and where
    that is from."""

    record: str
    flag: str
    result: str
    now: str
    between: str
    weight: str
    patients: str
    n_from: str


def paragraph(
    *,
    title: str,
    since: str | None,
    records: int,
    read: int,
    most: Most | None,
    flags: Sequence[str],
    moved: Sequence[str],
    result: int,
    text: int,
) -> str:
    """The paragraph, one line.

    `title`: of the review; `since`: the latest release; `records`: new ones that wait, of which
    `read` say how many patients; `most`: the first to read; `flags`: reports newly flagged, in
    words; `moved`: results that changed, then and now; `result`, `text`: things that wait, of these
    weights.
    """
    waits = _waits(result, text)
    if since is None:
        said = [f"{title}: there is no release yet, so nothing is new", waits]
    else:
        said = [f"{title}, since release {since}: {_records(records, read)}"]
        if most:
            said.append(first(most))
        said.append(
            f"Newly flagged: {'; '.join(flags)}"
            if flags
            else "No report of an included study is newly flagged"
        )
        said.append(f"Results that changed: {'; '.join(moved)}" if moved else "No result changed")
        said.append(waits)
    return " ".join(" ".join(english.full_stop(one).split()) for one in said)


def first(most: Most) -> str:
    """What the record to read first could move."""
    record = shorten(most.record, LONGEST, placeholder=" ...").rstrip(".")
    flag = f" ({FLAGS[most.flag]})" if most.flag else ""
    return (
        f"To be read first: “{record}”{flag}; a study of {most.patients} patients "
        f"({FROM[most.n_from]}) could move {english.within(most.result)} from {most.now} to "
        f"between {most.between}, with a weight of {most.weight}"
    )


def _records(records: int, read: int) -> str:
    if not records:
        return "no new record waits for a decision"
    if records == 1:
        says = "says" if read else "does not say"
        return f"1 new record waits for a decision, and {says} how many patients it is about"
    says = "says" if read == 1 else "say"
    return (
        f"{records:,} new records wait for a decision, of which {read:,} {says} how many patients "
        "they are about"
    )


def _waits(result: int, text: int) -> str:
    if not result + text:
        return "Nothing waits for a person"
    thing = "thing waits" if result == 1 else "things wait"
    return f"{result:,} {thing} that can change a number, and {text:,} owed to the report"
