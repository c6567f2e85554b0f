"""What changed since a release, and since the plan was registered, for the pages: numbers
registered, words chosen."""

import math
from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.errors import InternalError
from livingmeta.living import versions
from livingmeta.living.registered import prespecified
from livingmeta.living.told import (
    Attribution,
    Changes,
    CurveChange,
    CurvePoint,
    Result,
    SynthesisChange,
)
from livingmeta.report import table_numbers
from livingmeta.screening import flow
from livingmeta.screening.counts import Sizes, UpdateCounts
from livingmeta.words import english, ids, measures, planned
from livingmeta.words.numbers import Numbers, missing
from livingmeta.words.sentences import with_numbers

# What changes.json calls its kinds, in the words of the page.
KINDS = {
    "flag": "report retracted or doubted",
    "protocol": "protocol key",
    "prespecified": "change of plan",
    "search": "search",
    "record": "record",
    "decision": "decision",
    "study": "study detail",
    "cell": "printed number",
    "effect": "effect",
    "course": "survival course",
    "estimate": "pooled result",
    "conclusion": "conclusion",
    "certainty": "certainty judgement",
    "guard rail": "guard rail",
}


def section(changes: Changes | None, numbers: Numbers) -> dict | None:
    """The section on changes, or None for a first version.

    `changes`: content of changes.json. Every number goes into `numbers` under an id that begins
    with `living/`, on the display scale except the shares of a change, which are on the analysis
    scale.
    """
    if changes is None or changes["since"] is None:
        return None
    changes = versions.compared(changes)
    counts, before = [], f"releases/{changes['since']}"
    for kind, word in KINDS.items():
        if kind in changes["counts"]:
            id_ = f"living/{kind.replace(' ', '-')}"
            numbers.add(id_, changes["counts"][kind], "count", "", [before], f"changed: {word}")
            counts.append((id_, word))
    if changes["flow"]:
        _flow(changes["flow"], before, numbers)
    return {
        "since": changes["since"],
        "searched_to": changes["searched_to"],
        "counts": counts,
        "protocol": changes["protocol"],
        "syntheses": [_synthesis(s, before, numbers) for s in changes["syntheses"]],
        "curves": [_curve(one, before, numbers) for one in changes["curves"]],
    }


def since_registered(tables: dict[str, pd.DataFrame], numbers: Numbers) -> dict | None:
    """What became of the plan that was registered, or None where none was.

    `registrations`: each with its day in words, its file and digest, and whether anything of the
    outcomes `stood` then; `results`: the words for each result that is not as planned, by
    synthesis; `models`: those of rows of pooled.csv by their ids; `tests`: those of subgroups and
    moderators; `counted`: how many results are not, by these words; `differences`: the rows of
    amendments.csv.
    """
    known = as_dicts(tables["registrations"])
    if not known:
        return None
    found = prespecified.read(tables["prespecified"])
    pooled = as_dicts(tables["pooled"])
    names = dict.fromkeys(row["synthesis"] for row in found if row["analysis"] == "synthesis")
    marks = {name: prespecified.mark_of_result(found, name) for name in names}
    for i, one in enumerate(known):
        for what, word in (("outcome_rows", "printed number"), ("curves", "digitised curve")):
            key, of = f"plan/{i}/{what}", [one["file"]]
            numbers.add(key, one[what], "count", "", of, f"{word}s when it was registered")
    counts = planned.counted(marks.values())
    for mark, n in counts.items():
        key, of = f"plan/{ids.slug(mark)}", ["results/pooling/prespecified.csv"]
        numbers.add(key, n, "count", "results", of, f"results: {planned.of(mark)}")
    return {
        "registrations": [
            one
            | {
                "key": f"plan/{i}",
                "day": english.date(str(one["registered_on"])),
                "stood": bool(one["outcome_rows"] or one["curves"]),
                "curved": bool(one["curves"]),
            }
            for i, one in enumerate(known)
        ],
        "results": {name: planned.of(mark) for name, mark in marks.items() if planned.of(mark)},
        "models": {
            ids.model(row): planned.of(row["prespecified"])
            for row in pooled
            if planned.of(row.get("prespecified", ""))
        },
        "tests": {
            (row["synthesis"], row["name"]): planned.of(row["mark"])
            for row in found
            if row["analysis"] in ("subgroups", "moderators") and planned.of(row["mark"])
        },
        "counted": [(f"plan/{ids.slug(mark)}", planned.of(mark)) for mark in counts],
        "differences": [
            row | {"day": english.date(str(row["amended_on"] or ""))}
            for row in as_dicts(tables["amendments"])
        ],
    }


def _flow(counts: UpdateCounts, before: str, numbers: Numbers) -> None:
    """The counts of the flow diagram of an update, as `living/flow/...`."""
    screened, sought, assessed = flow.went_on(counts)
    removed, excluded = counts["removed_before_screening"], counts["excluded_full_text"]
    found: dict[str, int] = {
        **{f"source/{i}": s["records"] for i, s in enumerate(counts["identified"]["databases"])},
        "identified": counts["identified"]["records"],
        "duplicates": removed["duplicates"],
        "unreadable": removed["unreadable"],
        "awaiting-screening": counts["awaiting_screening"],
        "awaiting-assessment": counts["awaiting_assessment"],
        "awaiting-classification": counts["awaiting_classification"],
        "new-records": counts["new_records"],
        "awaiting-before": counts["awaiting_before"],
        "decided-again": counts["decided_again"],
        "records": counts["records"],
        "screened": screened,
        "excluded-title-abstract": counts["excluded_title_abstract"],
        "sought": sought,
        "not-retrieved": counts["not_retrieved"],
        "assessed": assessed,
        "excluded-full-text": excluded["reports"],
        **{f"reason/{row['reason']}": row["reports"] for row in excluded["reasons"]},
    }
    sizes: dict[str, Sizes] = {
        "previous": counts["previous"],
        "new": counts["new"],
        "gone": counts["no_longer_included"],
        "included": counts["included"],
    }
    for name, size in sizes.items():
        found |= {f"{name}-studies": size["studies"], f"{name}-reports": size["reports"]}
    for name, count in found.items():
        what = f"this update: {name.replace('-', ' ').replace('/', ' ')}"
        parents = [before, table_numbers.SEARCHES, table_numbers.DECISIONS]
        numbers.add(f"living/flow/{name}", count, "count", "", parents, what)


def _synthesis(change: SynthesisChange, before: str, numbers: Numbers) -> dict:
    key = f"living/{change['synthesis']}"
    _estimate(change["before"], f"{key}/before", [before], numbers)
    _estimate(change["after"], f"{key}/after", [f"{change['synthesis']}/k"], numbers)
    both = [f"{key}/{when}/estimate" for when in ("before", "after") if change.get(when)]
    attribution, conclusion = change["attribution"], change["conclusion"]
    note = attribution["note"] if attribution else ""
    said = conclusion["text"] if conclusion else ""
    measure = (change["after"] or change["before"] or {}).get("measure", "")
    parts, whole = _parts(attribution, measure, key, both, numbers)
    return {
        "id": change["synthesis"],
        "title": change["title"],
        "change": change["change"],
        "key": key,
        "before": change["before"] is not None,
        "after": change["after"] is not None,
        "parts": parts,
        "whole": whole,
        "moves": _moves(attribution, measure),
        "times": bool(attribution and attribution["times"]),
        "note": with_numbers(numbers, f"{key}/note", english.full_stop(note), both),
        "conclusion": with_numbers(numbers, f"{key}/conclusion", english.sentence(said), both),
        "differs": bool(conclusion and conclusion["changed"]),
        "certainty": change["certainty"],
    }


def _curve(change: CurveChange, before: str, numbers: Numbers) -> dict:
    """A pooled survival curve then and now, a line a time and one for its median."""
    name = change["synthesis"]
    key, lines = f"living/{name}/curve", []
    for i, at in enumerate(change["times"], 1):
        line = f"{key}/{i}"
        numbers.add(f"{line}/time", at["time"], "time-point", "", [before], f"{key}, time")
        pair = (at["before"], at["after"])
        point = _then_and_now(line, pair, "proportion", (before, f"course/{name}/k"), numbers)
        lines.append(point | {"median": False})
    if change["before"] or change["after"]:
        pair = (change["before"], change["after"])
        parents = (before, f"course/{name}/k")
        median = _then_and_now(f"{key}/median", pair, "time", parents, numbers)
        lines.append(median | {"median": True})
    return {
        "id": name,
        "title": change["title"],
        "change": change["change"],
        "lines": lines if change["change"] != "none" else [],
    }


def _then_and_now(
    key: str,
    pair: tuple[CurvePoint | None, CurvePoint | None],
    kind: str,
    parents: tuple[str, str],
    numbers: Numbers,
) -> dict:
    """One line of a curve: its key, and whether it was there then and is now; `parents`: those of
    the numbers then and now."""
    for when, point, parent in zip(("before", "after"), pair, parents, strict=True):
        if point is None:
            continue
        low, high = point["ci_low"], point["ci_high"]
        both: Any = None if missing(low) or missing(high) else (low, high)
        lead = f"{key}/{when}"
        numbers.add(f"{lead}/estimate", point["estimate"], kind, "", [parent], lead)
        for end, limit in (("low", low), ("high", high)):
            numbers.add(f"{lead}/{end}", limit, kind, "", [parent], f"{lead}, limit")
        numbers.add(f"{lead}/ci", both, kind, "", [parent], f"{lead}, interval")
        numbers.add(f"{lead}/k", point["k"], "count", "studies", [parent], f"{lead}, studies")
    return {"key": key, "before": pair[0] is not None, "after": pair[1] is not None}


def _parts(
    attribution: Attribution | None, measure: str, key: str, both: list[str], numbers: Numbers
) -> tuple[list[dict], dict]:
    """Each part's share with the place of its bar, and the bar of the whole change. The bars
    follow one another from the result then to the result now, `left` and `width` in percent of
    the whole way they go."""
    if not attribution or not attribution["parts"]:
        return [], {}
    parts = attribution["parts"]
    places = [0.0]
    for part in parts:
        places.append(places[-1] + part["share"])
    total = attribution["total"]
    if not math.isclose(places[-1], total, abs_tol=1e-9):
        raise InternalError(f"{key}: shares of {places[-1]} for a change of {total}")
    numbers.add(f"{key}/total", total, "analysis", "", both, "the change, analysis scale")
    _printed(attribution["display_total"], attribution, measure, f"{key}/total", both, numbers)

    def bar(start, end):
        low, way = min(places), max(places) - min(places) or 1.0
        left, width = (100 * x / way for x in (min(start, end) - low, abs(end - start)))
        return {"up": end > start, "place": f"margin-left:{left:.2f}%;width:{width:.2f}%"}

    found = []
    for i, part in enumerate(parts):
        id_ = f"{key}/share/{i}"
        what = f"share of the change, {part['label']}, analysis scale"
        numbers.add(id_, part["share"], "analysis", "", both, what)
        _printed(part["display"], attribution, measure, id_, both, numbers)
        because = with_numbers(numbers, f"{id_}/because", part["because"], both)
        said = {"kind": part["kind"], "label": part["label"], "because": because}
        found.append({"id": id_, **said, **bar(places[i], places[i + 1])})
    return found, bar(0.0, total)


def _moves(attribution: Attribution | None, measure: str) -> str:
    """The head of the column that has shares as the result is printed."""
    if attribution is None or attribution["times"]:
        return "Multiplies it by"
    points = measures.SCALES[measure].kind == "proportion"
    return "Moves it by (percentage points)" if points else "Moves it by"


def _printed(
    value: float,
    attribution: Attribution,
    measure: str,
    key: str,
    parents: list[str],
    numbers: Numbers,
) -> None:
    """Register the share `key` as the result is printed, as `<key>/printed`: a factor, percentage
    points of a proportion, or a difference in its unit."""
    kind = measures.SCALES[measure].kind
    factor, points = attribution["times"], kind == "proportion"
    shown = "ratio" if factor else "difference" if points else kind
    value = 100 * value if points and not factor else value
    numbers.add(f"{key}/printed", value, shown, "", parents, "the same as the result is printed")


def _estimate(row: Result | None, key: str, parents: list[str], numbers: Numbers) -> None:
    if row is None:
        return
    kind = measures.SCALES[row["measure"]].kind
    low, high = row.get("display_ci_low"), row.get("display_ci_high")
    pair: Any = None if missing(low) or missing(high) else (low, high)
    numbers.add(f"{key}/estimate", row.get("display_estimate"), kind, "", parents, key)
    numbers.add(f"{key}/ci", pair, kind, "", parents, f"{key}, interval")
    numbers.add(f"{key}/k", row["k"], "count", "studies", parents, f"{key}, studies")
