"""The summary of findings: a line a synthesis and baseline, in the columns of Cochrane's table.

Cochrane Handbook chapter 14. Risks are those of absolute.csv, certainty and its reasons people's.
"""

from collections.abc import Iterable, Iterator, Mapping
from math import nan
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.effect_measures import MEASURES
from livingmeta.formulas.measures import more_is_better
from livingmeta.judgement.certainty import OVERALL, WORDS
from livingmeta.plan import Arm, Outcome, Synthesis
from livingmeta.pooling.baselines import STANDARD_SOURCE
from livingmeta.taken import counted
from livingmeta.words import english, measures
from livingmeta.words.findings import not_pooled, sentence
from livingmeta.words.numbers import missing

Row = Mapping[Any, Any]
ALIVE, WITH_EVENT = "alive, of 1,000 patients", "with the event, of 1,000 patients"
WITHOUT_EVENT = "without the event, of 1,000 patients"
CONTROL_MEANS = "comparator arms of the studies"


def summary(
    found: Mapping[str, pd.DataFrame],
    syntheses: Mapping[str, Synthesis],
    outcomes: Mapping[str, Outcome],
    arms: Mapping[str, Arm],
) -> pd.DataFrame:
    """Rows of judgement/summary_of_findings.csv for every synthesis with a result, or with
    studies that give none together.

    `found`: pooled, absolute, effects (one a study), unusable, used, outcomes (of extraction) and
    certainty, by name; the rest: parts of the protocol.
    """
    rows = []
    for name, asked in syntheses.items():
        pooled = found["pooled"][found["pooled"]["synthesis"] == name]
        result = pooled[pooled["primary"].astype(bool) & (pooled["subgroup"].fillna("") == "")]
        outcome = outcomes[asked.outcome]
        if result.empty:
            rows += _without_result(found, name, asked, outcome, arms)
            continue
        row = result.iloc[0].to_dict()
        head = _head(name, asked, outcome, arms, row) | _sure(found["certainty"], name)
        first, second = (english.within(head[arm]) for arm in ("first", "second"))
        what = english.within(outcome.label)
        event = "harm" if outcome.good == "lower" else "benefit"
        event = event if outcome.kind in ("binary", "count") else ""
        side = _side(row, asked, outcome)
        head["sentence"] = sentence(head["certainty"], side, first, second, what, event)
        lines = list(_risks(found, name, asked, outcome, row))
        rows += [head | line for line in lines or [{}]]
    return pd.DataFrame(rows, columns=tables.columns("judgement/summary_of_findings"))


def _without_result(
    found: Mapping[str, pd.DataFrame],
    name: str,
    asked: Synthesis,
    outcome: Outcome,
    arms: Mapping[str, Arm],
) -> list[dict[str, Any]]:
    """The line of a synthesis that nothing is pooled in, though it has effects, or studies in which
    nobody, or everybody, had the event, or people judged its certainty."""
    effects, unusable = (
        found[table][found[table]["synthesis"] == name] for table in ("effects", "unusable")
    )
    empty = unusable[unusable["empty"].fillna(False).astype(bool)]
    sure = _sure(found["certainty"], name)
    if not (len(effects) or len(empty) or sure["certainty"]):
        return []
    k = len({*effects["study_id"], *empty["study_id"]})
    # Of studies without an effect nobody counts the patients here.
    n = float(effects["n"].sum()) if len(effects) and effects["n"].notna().all() else nan
    none = dict.fromkeys(("display_estimate", "display_ci_low", "display_ci_high"), nan)
    said = not_pooled(len(effects), len(empty))
    head = _head(name, asked, outcome, arms, none | {"k": k, "n": nan if len(empty) else n})
    return [head | sure | {"sentence": said}]


def _head(
    name: str, asked: Synthesis, outcome: Outcome, arms: Mapping[str, Arm], row: Row
) -> dict[str, Any]:
    labels = [*(arms[arm].label for arm in asked.arms), ""]
    return {
        "synthesis": name,
        "title": asked.title,
        "outcome": outcome.label,
        "time": asked.time_or_nan,
        "first": labels[0],
        "second": labels[1],
        "unit": "",
        "assumed_source": "",
        "measure": asked.measure,
        **{part: row[f"display_{part}"] for part in ("estimate", "ci_low", "ci_high")},
        **{part: row[part] for part in ("k", "n")},
    }


def _sure(judged: pd.DataFrame, name: str) -> dict[str, str]:
    """The level, and a footnote for each domain that lowered or raised it."""
    mine = as_dicts(judged[judged["synthesis"] == name])
    level = next((r["judgement"] for r in mine if r["domain"] == OVERALL), "")
    notes = (f"{note['head']}: {note['reason']}" for note in footnotes(mine))
    return {"certainty": level, "footnotes": " ".join(notes)}


def footnotes(judged: Iterable[Row]) -> list[dict[str, str]]:
    """Of the judgements of one synthesis those that lowered or raised it: `head` names domain and
    judgement, `reason` is people's."""
    return [
        {
            "head": f"{english.sentence(r['domain'].replace('-', ' '))}, "
            f"{r['judgement'].replace('-', ' ')}",
            "reason": english.full_stop(r["reason"]),
        }
        for r in judged
        if r["domain"] != OVERALL and r["judgement"] != WORDS[r["domain"]][0]
    ]


def _side(row: Row, asked: Synthesis, outcome: Outcome) -> int | None:
    """1 where the first arm does better, -1 where worse, 0 where the interval holds no effect."""
    null = measures.SCALES[asked.measure].null
    low, high = row["display_ci_low"], row["display_ci_high"]
    if null is None or len(asked.arms) != 2 or missing(low):
        return None
    if low <= null <= high:
        return 0
    better = (low > null) == more_is_better(asked.measure, outcome.good, outcome.kind)
    return 1 if better else -1


def _risks(
    found: Mapping[str, pd.DataFrame], name: str, asked: Synthesis, outcome: Outcome, row: Row
) -> Iterator[dict[str, Any]]:
    """What would become of 1,000 patients, or the means, a line a baseline of real patients."""
    measure = MEASURES[asked.measure]
    survival = outcome.kind == "survival"
    unit = WITH_EVENT if not survival else ALIVE if counted(outcome.label) else WITHOUT_EVENT
    effect = [float(row[f"display_{part}"]) for part in ("estimate", "ci_low", "ci_high")]
    names = ("corresponding", "corresponding_low", "corresponding_high")
    if measure.absolute:
        absolute = found["absolute"]
        mine = absolute[(absolute["synthesis"] == name) & (absolute["scale"] == "per-1000")]
        for line in as_dicts(mine[mine["baseline_source"] != STANDARD_SOURCE]):
            yield {
                "time": line["time"],
                "unit": unit,
                "assumed": 1000 * line["baseline"],
                "assumed_source": line["baseline_source"],
                **dict(zip(names, (line[p] for p in ("estimate", "low", "high")), strict=True)),
            }
    elif measure.kind == "proportion" and measure.arms == 1:
        share = dict(zip(names, (1000 * part for part in effect), strict=True))
        yield {"unit": unit, **share}
    elif asked.measure == "MD" and not survival:
        mean = _control_mean(found, name, asked)
        if mean is not None:
            means = dict(zip(names, (mean + part for part in effect), strict=True))
            source = {"assumed": mean, "assumed_source": CONTROL_MEANS}
            yield {"unit": outcome.unit, **source, **means}


def _control_mean(found: Mapping[str, pd.DataFrame], name: str, asked: Synthesis) -> float | None:
    """The mean of the comparator over the studies, by their patients; None unless each prints one,
    and of final values: a change from baseline is no mean of what the outcome is."""
    used, effects = (t[t["synthesis"] == name] for t in (found["used"], found["effects"]))
    used = used[used["used"].astype(bool)]
    rows = used[(used["arm"] == asked.arms[1]) & (used["role"] == "mean")]
    n, value = (rows[part].astype(float) for part in ("n", "value"))
    printed = found["outcomes"]
    other = printed[(printed["measured"] == "change") | (printed["direction"] == "reversed")]
    if rows.empty or not (n > 0).all() or rows["turned"].astype(bool).any():
        return None
    # A difference is the same by final values and by changes; the mean it is put on is not.
    if rows["row"].isin(other["row"]).any() or set(effects["study_id"]) - set(rows["study_id"]):
        return None
    return float((n * value).sum() / n.sum())
