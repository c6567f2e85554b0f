"""What an update changes on pooled survival curves (measure SURV): each of their times, their
median, and the studies that give them other intervals than before.

Shares of a change (Shapley) are not told: a curve has no one number that they could add up to.
"""

from collections.abc import Mapping
from typing import Any

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.living import differences
from livingmeta.living.reasons import Reasons, filters, kind
from livingmeta.living.state import State
from livingmeta.living.told import CurveChange, CurvePoint, CurveTime, EffectOfCurve
from livingmeta.words import english
from livingmeta.words.numbers import missing, show

QUESTION = ("outcome", "arms", "time")
POINT = ("estimate", "ci_low", "ci_high", "k")
MEDIAN = ("median", "median_low", "median_high", "k")
# Of intervals, what makes a study's course another.
COURSE = ("end", "survival", "share", "exposed")
NOT_KEPT = "not kept"  # the release printed the curve, and was made before releases kept any
_DECIMALS = 6  # of a time


def compare(
    before: State, after: State, reasons: Reasons
) -> tuple[list[CurveChange], list[dict[str, str]]]:
    """The curves of changes.json, and their rows of changes.csv."""
    found: list[CurveChange] = []
    rows: list[dict[str, str]] = []
    for name in dict.fromkeys([*after.asked.courses, *before.asked.courses, *before.not_kept]):
        one = _curve(before, after, name, reasons)
        found.append(one)
        if one["change"] not in ("none", "changed"):
            said = "its curve" if one["change"] == NOT_KEPT else ""
            rows.append(differences.row("synthesis", one["change"], said, "", synthesis=name))
        if one["change"] == NOT_KEPT:
            continue
        rows += _estimates(before, after, name)
        rows += [
            differences.row(
                "course",
                study["kind"],
                study["before"],
                study["after"],
                synthesis=name,
                study_id=study["study_id"],
                because=study["because"],
            )
            for study in one["studies"]
        ]
    return found, rows


def _curve(before: State, after: State, name: str, reasons: Reasons) -> CurveChange:
    old, new = (state.asked.courses.get(name) for state in (before, after))
    kept = name not in before.not_kept
    then, now = (_times(state, name) for state in (before, after))
    times: list[CurveTime] = [
        {"time": time, "before": then.get(time), "after": now.get(time)}
        for time in sorted({*then, *now})
    ]
    asked = new or old
    found: CurveChange = {
        "synthesis": name,
        "title": asked.title if asked else name,
        "change": "none",
        "times": times,
        "before": _median(before, name),
        "after": _median(after, name),
        "studies": [],
    }
    if not kept:
        found["change"] = NOT_KEPT
    elif old is None or new is None:
        found["change"] = "new" if old is None else "gone"
    elif any(getattr(old, key) != getattr(new, key) for key in QUESTION):
        found["change"] = "another question"
    else:
        found["studies"] = _studies(before, after, name, reasons)
        points = [(one["before"], one["after"]) for one in times]
        medians = (found["before"], found["after"])
        if any(not _same(a, b) for a, b in (*points, medians)):
            found["change"] = "changed"
    return found


def _times(state: State, name: str) -> dict[float, CurvePoint]:
    """The points of the result of a curve by their time."""
    rows = state.course[(state.course["synthesis"] == name) & state.course["primary"]]
    return {round(row["time"], _DECIMALS): _point(row, POINT) for row in as_dicts(rows)}


def _median(state: State, name: str) -> CurvePoint | None:
    rows = state.courses[(state.courses["synthesis"] == name) & state.courses["primary"]]
    return _point(rows.iloc[0].to_dict(), MEDIAN) if len(rows) else None


def _point(row: Mapping[Any, Any], columns: tuple[str, str, str, str]) -> CurvePoint:
    estimate, low, high = (None if missing(row[c]) else float(row[c]) for c in columns[:3])
    return {"estimate": estimate, "ci_low": low, "ci_high": high, "k": int(row[columns[3]])}


def _same(a: CurvePoint | None, b: CurvePoint | None) -> bool:
    if a is None or b is None:
        return a is b
    pairs = zip(a.values(), b.values(), strict=True)
    return all(differences.same(one, other) for one, other in pairs)


def _estimates(before: State, after: State, name: str) -> list[dict[str, str]]:
    """Each time and the median of each model that is not what it was."""
    unit = after.asked.time_unit
    old, new = ({**_points(state, name, unit)} for state in (before, after))
    rows = []
    for what in dict.fromkeys([*new, *old]):
        a, b = old.get(what), new.get(what)
        if a and b and a["role"] == b["role"] and _same(a["point"], b["point"]):
            continue
        shown = [_shown(one) for one in (a, b)]
        if shown[0] == shown[1]:
            shown = [_exact(one) for one in (a, b)]
        rows.append(differences.row("estimate", what, *shown, synthesis=name))
    return rows


def _points(state: State, name: str, unit: str) -> dict[str, dict[str, Any]]:
    """Each time and the median of each model, by what it is called."""
    found = {}
    for table, columns in ((state.course, POINT), (state.courses, MEDIAN)):
        for row in as_dicts(table[table["synthesis"] == name]):
            at = f"at {show(row['time'], 'time-point')} {unit}" if columns is POINT else "median"
            found[f"{row['model']}, {at}"] = {
                "point": _point(row, columns),
                "number": "proportion" if columns is POINT else "time",
                "role": "result" if row["primary"] else "beside it",
            }
    return found


def _shown(one: dict[str, Any] | None) -> str:
    if one is None:
        return ""
    point = one["point"]
    estimate, low, high = (
        "not reached" if point[c] is None else show(point[c], one["number"])
        for c in ("estimate", "ci_low", "ci_high")
    )
    k = f"{point['k']} {english.plural(point['k'], 'study')}"
    return f"{estimate} ({low} to {high}), {k}, {one['role']}"


def _exact(one: dict[str, Any] | None) -> str:
    return ", ".join(f"{c} {tables.text(v)}" for c, v in one["point"].items()) if one else ""


def _studies(before: State, after: State, name: str, reasons: Reasons) -> list[EffectOfCurve]:
    """The studies whose intervals of a curve are not what they were."""
    old, new = (_intervals(state, name) for state in (before, after))
    columns = filters(*(state.asked.courses[name] for state in (before, after)))
    found: list[EffectOfCurve] = []
    for study in dict.fromkeys([*new, *old]):
        a, b = old.get(study), new.get(study)
        if a and b and _alike(a, b):
            continue
        gave = {"route": ""}  # a curve has one way to each study
        why = reasons.why(study, gave if a else None, gave if b else None, columns)
        known = reasons.now.get(study) or reasons.before.get(study)
        found.append(
            {
                "study_id": study,
                "label": known["label"] if known else study,
                "kind": kind(gave if a else None, gave if b else None),
                "before": _in_words(a or []),
                "after": _in_words(b or []),
                "because": why,
            }
        )
    return found


def _intervals(state: State, name: str) -> dict[str, list[dict[Any, Any]]]:
    rows = state.intervals[
        (state.intervals["synthesis"] == name) & (state.intervals["reason"].fillna("") == "")
    ]
    studies = rows.groupby("study_id", sort=False)
    return {str(study): as_dicts(mine) for study, mine in studies}


def _alike(a: list[dict[Any, Any]], b: list[dict[Any, Any]]) -> bool:
    if len(a) != len(b):
        return False
    pairs = zip(a, b, strict=True)
    return all(differences.same(one[c], other[c]) for one, other in pairs for c in COURSE)


def _in_words(rows: list[dict[Any, Any]]) -> str:
    """A study's survival at the end of each interval: `79.0% at 12, 51.0% at 24`."""
    return ", ".join(
        f"{show(row['survival'], 'proportion')} at {show(row['end'], 'time-point')}"
        f" of {show(row['exposed'], 'count')}"
        for row in rows
    )
