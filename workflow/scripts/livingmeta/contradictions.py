"""Names that a protocol uses and does not define, and settings of it that contradict each other."""

import difflib
from collections.abc import Iterator
from itertools import combinations
from math import inf
from typing import Any

from livingmeta import analyses, joins
from livingmeta.effect_measures import MEASURES, Measure
from livingmeta.spreadsheets import squeezed


def found(protocol: dict) -> Iterator[str]:
    """A sentence for each, in order; `protocol`: complete but for these."""
    yield from _batches_amiss(protocol["screening"])
    yield from joins.amiss(protocol["arms"], protocol["syntheses"], _unknown)
    for part in ("arms", "outcomes"):
        yield from _named_as_another(part, protocol[part])
    for name, synthesis in protocol["syntheses"].items():
        where = f"syntheses.{name}"
        if synthesis["outcome"] not in protocol["outcomes"]:
            yield f"{where}.outcome: " + _unknown(synthesis["outcome"], protocol["outcomes"])
        for arm in synthesis["arms"]:
            if arm not in protocol["arms"]:
                yield f"{where}.arms: " + _unknown(arm, protocol["arms"])
        if (synthesis["several"] == "aggregate") != (synthesis["correlation"] is not None):
            yield (
                f"{where}: several: aggregate and correlation go together: write both, such as "
                "correlation: 0.5, or neither."
            )
        arms = synthesis["arms"]
        for measure in (synthesis["measure"], *synthesis["other_measures"]):
            wanted = MEASURES[measure].arms
            if wanted and len(arms) != wanted:
                yield (
                    f"{where}: measure {measure} needs {wanted} arm{'s' if wanted > 1 else ''}, "
                    f"and arms names {len(arms)}."
                )
        yield from _off_the_scale(where, synthesis)
        yield from _called_alike(where, synthesis["sensitivity"])
        if synthesis["narrative"]:
            asked = [key for key in ("sensitivity", "moderators") if synthesis[key]]
            asked += ["model"] if synthesis["model"] != "auto" else []
            for key in asked:
                yield (
                    f"{where}.{key}: a narrative synthesis pools nothing; remove {key}, or "
                    "narrative."
                )
    results = protocol["published"].get("results", [])
    for result in results:
        if result["synthesis"] not in protocol["syntheses"]:
            yield "published.results: " + _unknown(result["synthesis"], protocol["syntheses"])
    for (i, one), (j, other) in combinations(enumerate(results, start=1), 2):
        labels = {" ".join(row["label"].split()).casefold() for row in (one, other)}
        if one["synthesis"] == other["synthesis"] and len(labels) == 1:
            yield (
                f"published.results: {i} and {j} are both of {one['synthesis']} and labelled "
                f"'{one['label']}'; remove one, or say in label what tells them apart."
            )
    yield from _published(results, protocol["syntheses"])
    for name in protocol["report"]["baseline_survival"]:
        if name not in protocol["syntheses"]:
            yield "report.baseline_survival: " + _unknown(name, protocol["syntheses"])


def _batches_amiss(screening: dict) -> Iterator[str]:
    """What is wrong with who reads what."""
    where, assign = "screening.assign", screening["assign"]
    if assign["pilot"] and not assign["batches"]:
        yield f"{where}.pilot: name in {where}.batches who reads it."
    for batch in assign["batches"]:
        who = [" ".join(name.split()).casefold() for name in batch]
        if "consensus" in who:
            yield f"{where}.batches: consensus settles what people differ on, and reads nothing."
        if len(set(who)) < len(who):
            yield f"{where}.batches: {', '.join(batch)} names somebody twice."
        elif len(who) < screening["reviewers"]:
            yield (
                f"{where}.batches: [{', '.join(batch)}] are {len(who)}, and a record needs "
                f"screening.reviewers: {screening['reviewers']}; name so many or more."
            )


def _named_as_another(part: str, named: dict[str, dict]) -> Iterator[str]:
    """A table names either by key or label, so a row of such a label would go to the other."""
    keys = {squeezed(key): key for key in named}
    for key, one in named.items():
        other = keys.get(squeezed(one.get("label", "")), key)
        if other != key:
            yield f"{part}.{key}.label is '{one['label']}', the key of {part}.{other}; change one."


def _called_alike(where: str, asked: list[dict]) -> Iterator[str]:
    """Two further analyses of one synthesis that are one, or that tables and numbers could not tell
    apart."""
    for (i, one), (j, other) in combinations(enumerate(asked, start=1), 2):
        if analyses.same(analyses.of(one), analyses.of(other)):
            yield (
                f"{where}.sensitivity: analyses {i} and {j} ({_as_written(one)}; "
                f"{_as_written(other)}) are the same, or would have one name in the results. "
                "Remove one of them, or change an option that its method uses."
            )


def _as_written(analysis: dict) -> str:
    return ", ".join(f"{key}: {value}" for key, value in analysis.items())


def _off_the_scale(where: str, synthesis: dict) -> Iterator[str]:
    """Thresholds and differences that no result on the printed scale of the measure can reach."""
    measure = MEASURES[synthesis["measure"]]
    for value in synthesis["thresholds"]:
        if off := _beyond(measure, value):
            yield f"{where}.thresholds: {value}; {off}."
    asked = synthesis["information_size"]
    if not asked:
        return
    if measure.arms == 1:
        yield (
            f"{where}.information_size: measure {measure.code} compares nothing; leave the key out."
        )
    elif off := _beyond(measure, asked["difference"]):
        yield f"{where}.information_size.difference: {asked['difference']}; {off}."
    elif asked["difference"] == measure.null:
        yield f"{where}.information_size.difference: {asked['difference']} is no effect at all."


def _beyond(measure: Measure, value: float, *, ends: bool = False) -> str:
    """Why a measure as printed cannot be that value, "" where it can; `ends`: whether it can be
    what bounds it, as a limit of an interval can, or one that was rounded."""
    low, high = (0.0, inf) if measure.kind == "ratio" else measure.bounds
    if low < value < high or (ends and value in (low, high)):
        return ""
    if measure.kind == "ratio":
        return "a ratio is above 0"
    if measure.kind == "proportion":
        return "a proportion lies between 0 and 1, so 50% is 0.5"
    return f"it lies between {low:g} and {high:g}" + ", so 5% is 0.05" * (measure.code == "RD")


def _published(results: list[dict], syntheses: dict[str, dict]) -> Iterator[str]:
    """Numbers of the earlier review that no result of its synthesis can have."""
    for i, result in enumerate(results, start=1):
        where = f"published.results: {i}"
        if result["synthesis"] not in syntheses:
            continue
        measure = MEASURES[syntheses[result["synthesis"]]["measure"]]
        for key in ("estimate", "ci_low", "ci_high"):
            value = result.get(key)
            if value is None:
                continue
            share = value / 100 if result.get("unit") == "%" else value
            if off := _beyond(measure, share, ends=True):
                yield f"{where}, {key}: {value}; {off}."
        low, high = (result.get(key) for key in ("ci_low", "ci_high"))
        if low is not None and high is not None and low > high:
            yield f"{where}: ci_low {low} is above ci_high {high}."


def _unknown(name: str, known: dict[str, Any]) -> str:
    close = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.5)
    hint = f"did you mean '{close[0]}'?" if close else f"known: {', '.join(known)}."
    return f"'{name}' is not defined in this protocol; {hint}"
