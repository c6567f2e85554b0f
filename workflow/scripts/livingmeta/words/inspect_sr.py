"""INSPECT-SR: its domains and checks, what speaks to each, and the words for what was found.

workflow/schemas/inspect_sr.yaml has them; what has to be judged by a person stays with the tool.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from livingmeta.words import english
from livingmeta.words.guard_rails import FLAGS

LATE, NONE = "registered after enrolment began", "no registration"
CORRECTED = "corrected"
OTHER_N = "patients other than registered"
NO_NUMBER = "registered outcome without a number"
NO_SECOND = "registered secondary outcome without a number"
NOT_REGISTERED = "outcome not registered by this name"
NOT_AS_POSTED = "posted results other than extracted"
AS_POSTED = "posted results as extracted"
NOT_COMPARED = "posted results not compared"
# What waits for a person; that words of a register do not name an outcome is told and no more.
AGAINST_REGISTER = (OTHER_N, NO_NUMBER, NO_SECOND, NOT_AS_POSTED)


class Check(NamedTuple):
    """One check of the tool: its number, what it asks, and what is found for it. `at_start`: takes
    what concerns time 0 alone; `others`: takes what no other check names."""

    number: str
    label: str
    found: tuple[str, ...] = ()
    at_start: bool = False
    others: bool = False

    @property
    def domain(self) -> int:
        """The domain that it belongs to."""
        return int(self.number.split(".")[0])

    @property
    def by_people(self) -> bool:
        """Whether nothing is found for it, so that a person alone can answer it."""
        return not (self.found or self.at_start or self.others)


def _loaded() -> dict[str, Any]:
    path = (Path(__file__).parents[3] / "schemas" / "inspect_sr").with_suffix(".yaml")
    loaded: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return loaded


_TOOL = _loaded()
DOMAINS: dict[int, str] = _TOOL["domains"]
CHECKS = tuple(
    Check(number, **of | {"found": tuple(of.get("found", ()))})
    for number, of in _TOOL["checks"].items()
)
LABELS = {check.number: check.label for check in CHECKS}
# Checks of extraction that say nothing of the trial.
OF_EXTRACTION = frozenset(_TOOL["of_extraction"])


def check_of(found: str, at_start: bool = False) -> str:
    """The number of the check that something found speaks to; `at_start`: whether all of it is of
    time 0. "" for what says nothing of the trial."""
    if found in OF_EXTRACTION:
        return ""
    named = next((c for c in CHECKS if found in c.found), None)
    if at_start and (named is None or named.domain == 4):
        return next(c.number for c in CHECKS if c.at_start)
    return named.number if named else next(c.number for c in CHECKS if c.others)


def said(row: Mapping[Any, Any], message: str = "") -> str:
    """What was found, in words. `row`: of judgement/inspect_sr.csv; `message`: of the problem that
    it names."""
    if row["found"] == LATE:
        registered, began = english.date(row["value"]), english.date(row["expected"])
        return f"{row['source']}: registered {registered}, first enrolment {began}"
    if row["found"] == OTHER_N:
        return f"{row['source']}: {row['expected']} patients registered, {row['value']} reported"
    if row["found"] == NO_NUMBER:
        return (
            f"{row['source']}: primary outcome registered as “{row['expected']}”; there are "
            f"numbers on {row['value']}"
        )
    if row["found"] == NO_SECOND:
        return (
            f"{row['source']}: secondary outcome registered as “{row['expected']}”; there is no "
            f"number on {row['value']}"
        )
    if row["found"] == NOT_REGISTERED:
        return (
            f"{row['source']}: there are numbers on {row['value']}; no outcome is registered by "
            f"this name, but {row['expected']}"
        )
    if row["found"] == NOT_AS_POSTED:
        return (
            f"{row['source']}: the register holds “{row['expected']}”, and extracted is "
            f"“{row['value']}”"
        )
    if row["found"] == AS_POSTED:
        return f"{row['source']}: the register holds the same results: {row['value']}"
    if row["found"] == NOT_COMPARED:
        return (
            f"{row['source']}: the register holds further results, which cannot be told to be of "
            f"one number of this review: “{row['expected']}”"
        )
    if row["found"] == NONE:
        began = english.date(row["expected"]) if row["expected"] else "not known"
        return f"no number of a trial register; first enrolment {began}"
    if row["found"] in FLAGS:
        kept = f"; kept: {row['answer']}" if row["answer"] else ""
        return f"a report is {FLAGS[row['found']]}{kept}"
    if row["found"] == CORRECTED:
        return f"a report was corrected ({row['source']})"
    return message or str(row["found"])


def left_to_people() -> dict[str, list[str]]:
    """By domain what the checks ask for which nothing is found here."""
    asked: dict[str, list[str]] = {}
    for check in CHECKS:
        if check.by_people:
            asked.setdefault(DOMAINS[check.domain], []).append(check.label)
    return asked
