"""What a cell may hold under the rule of its column."""

import difflib
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from livingmeta import spreadsheets

TYPES = {
    "string": "text",
    "number": "a number written with a point, such as 66.6",
    "integer": "a whole number",
    "boolean": "true or false",
    "date": "a date such as 2026-11-23",
}
_PATTERNS = {
    # Not 1.23E+05, which a spreadsheet has shortened, nor 1.000, which may be a thousand.
    "number": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+|E-?[0-9]+)?"),
    "integer": re.compile(r"[+-]?[0-9]+(\.0*)?(?<!\.000)"),
    "boolean": re.compile(r"true|false", re.IGNORECASE),
    "date": re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
}
_MOST = {"number": 1e300, "integer": 10**15}  # a larger one is a slip, or infinite to a computer

MANY = 12  # words of a list that a message still names, if it knows the one meant


def wrong(value: str, rule: Mapping[str, Any], past: bool = False) -> str:
    """What is wrong with a cell under its column's rule, or "" if nothing is; `past`: whether a
    date must have been."""
    if value == "":
        return f"it is required ({rule['meaning']})" if rule.get("filled") else ""
    kind = rule["type"]
    if (pattern := _PATTERNS.get(kind)) and not pattern.fullmatch(value):
        return f"it must be {TYPES[kind]}{spreadsheets.hint(value, rule)}"
    if kind == "date" and not spreadsheets.is_a_day(value):
        return "there is no such day"
    if kind == "date" and past:
        return to_come(value)
    allowed = rule.get("allowed")
    if allowed and value not in allowed:
        if hint := spreadsheets.hint(value, rule):
            return f"it must be one of {', '.join(allowed)}{hint}"
        close = difflib.get_close_matches(value.lower(), allowed, n=1, cutoff=0.6)
        if close and len(allowed) > MANY:
            return f"perhaps {close[0]}, of the {len(allowed)} words that config/README.md lists"
        perhaps = f"perhaps {close[0]}; " if close else ""
        return f"{perhaps}it must be one of {', '.join(allowed)}"
    if rule.get("pattern") and not re.fullmatch(rule["pattern"], value):
        return f"it must look like {rule['example']}"
    if kind in ("number", "integer"):
        if float(value) < (least := rule.get("minimum", -_MOST[kind])):
            return f"it must be {least} or more"
        if float(value) > (most := rule.get("maximum", _MOST[kind])):
            return f"it must be {most} or less"
    return ""


# Written by then: a clock that shows an earlier day is wrong, and must not refuse a whole review.
WRITTEN = date(2026, 11, 29)


def today() -> date:
    """The day of this machine."""
    return max(date.today(), WRITTEN)


def to_come(day: str) -> str:
    """What is wrong with a day (YYYY-MM-DD) on which somebody did something, where it is still to
    come, or "". Such a day would outdo whatever is done before it.

    It is refused and not passed over, so that what a run says does not depend on its day. East of
    us it may be tomorrow.
    """
    if date.fromisoformat(day) <= today() + timedelta(days=1):
        return ""
    return f"a day of the future (today is {today()}); look at the day and the year"


def as_written_here(value: str, rule: Mapping[str, Any]) -> str:
    """A cell as its column has it, if it has one reading: a word of the closed list, or one that
    the rule has `spelt` for it, whatever its case, blanks and strokes; a date in another order; a
    number with a raised point; a path with `\\`. Else the cell as it is."""
    if value in ("", *rule.get("allowed", ())):
        return value
    if rule.get("allowed"):
        spelt = {word: of for of, words in rule.get("spelt", {}).items() for word in words}
        found = spreadsheets.meant(value, [*rule["allowed"], *spelt])
        return spelt.get(found, found) or value
    if rule.get("path") and ":" not in value:
        return value.replace("\\", "/")
    if rule["type"] == "number":
        meant = spreadsheets.RAISED_POINT.sub(".", value)
        return meant if _PATTERNS["number"].fullmatch(meant) else value
    if rule["type"] == "date" and not _PATTERNS["date"].fullmatch(value):
        dates = spreadsheets.date(value)
        return dates[0] if len(dates) == 1 else value
    return value


def keyed(value: str, texts: Mapping[str, str]) -> str:
    """A key of `texts` that is meant by it or by its text, whatever the case, blanks and strokes.
    Else the value as it is."""
    if found := spreadsheets.meant(value, texts):
        return found
    keys = [key for key, text in texts.items() if spreadsheets.meant(value, [text])]
    return keys[0] if value not in texts and len(keys) == 1 else value
