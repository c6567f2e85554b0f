"""How far reviewers agree, on their own votes, before any consensus.

Cohen's kappa for each pair of reviewers on the records that both judged, and for all together
Gwet's AC1 and Krippendorff's alpha, which cope with records that only some have judged.
"""

import math
from collections.abc import Collection
from itertools import combinations
from typing import NotRequired, TypedDict

import numpy as np
import pandas as pd

from livingmeta.formulas.special import ndtri
from livingmeta.screening.decisions import STAGES

CATEGORIES = ("include", "exclude", "unsure")


class Measured(TypedDict):
    """A coefficient over a number of `records`: what was `observed` and is `expected` by chance,
    its standard error and interval; or `because`, why it has none."""

    records: int
    observed: NotRequired[float | None]
    expected: NotRequired[float | None]
    se: NotRequired[float]
    ci_low: NotRequired[float]
    ci_high: NotRequired[float]
    because: NotRequired[str]


class Kappa(Measured):
    """Cohen's kappa, or None."""

    kappa: float | None


class Pair(Kappa):
    """The kappa of two reviewers."""

    reviewers: list[str]


class Ac1(Measured):
    """Gwet's AC1."""

    ac1: float


class Alpha(Measured):
    """Krippendorff's alpha, or None."""

    alpha: float | None


class Stage(TypedDict):
    """Agreement at one stage: `records` with a vote, and either the coefficients, or `because`, a
    sentence that says why there is none."""

    reviewers: list[str]
    records: int
    records_judged_by_two: int
    because: NotRequired[str]
    pairs: NotRequired[list[Pair]]
    ac1: NotRequired[Ac1]
    alpha: NotRequired[Alpha]


Agreement = dict[str, Stage]  # agreement.json, by stage, and that of the pilot as PILOT
PILOT = "pilot"


class _Interval(TypedDict):
    se: float
    ci_low: float
    ci_high: float


def measure(votes: pd.DataFrame, pilot: Collection[str] = (), *, level: float = 0.95) -> Agreement:
    """Agreement per stage, as plain numbers for agreement.json; that on the records of a pilot, on
    title and abstract, once more by itself, as PILOT.

    `votes`: `record_id, stage, reviewer, decision`, one row a vote (`Resolution.votes`).
    """
    of_pilot = votes[votes["record_id"].isin(pilot) & (votes["stage"] == STAGES[0])]
    votes = pd.concat([votes, of_pilot.assign(stage=PILOT)]) if len(of_pilot) else votes
    out: Agreement = {}
    for stage, cast in votes.groupby("stage", sort=True):
        table = cast.pivot(index="record_id", columns="reviewer", values="decision")
        table = table.reindex(sorted(table.columns), axis=1).sort_index()
        codes = np.array(
            [[CATEGORIES.index(v) if v in CATEGORIES else -1 for v in row] for row in table.values]
        )
        both = int(((codes >= 0).sum(axis=1) >= 2).sum())
        found: Stage = {
            "reviewers": list(table.columns),
            "records": len(table),
            "records_judged_by_two": both,
        }
        out[str(stage)] = found
        if both < 2:
            who = (
                "one reviewer voted"
                if len(table.columns) == 1
                else (f"{both} records were judged by more than one reviewer")
            )
            found["because"] = f"{who}; agreement needs two reviewers on two records or more"
            continue
        found["pairs"] = [
            {
                "reviewers": [table.columns[a], table.columns[b]],
                **kappa(codes[:, [a, b]], level=level),
            }
            for a, b in combinations(range(len(table.columns)), 2)
        ]
        found["ac1"] = ac1(codes, level=level)
        found["alpha"] = alpha(codes, level=level)
    return out


def kappa(codes: np.ndarray, *, level: float = 0.95) -> Kappa:
    """Cohen's kappa of two reviewers.

    `codes`: (records, 2) category numbers, -1 where a reviewer did not vote; only records with
    both votes count. Interval: large-sample variance of Fleiss, Cohen & Everitt (Psychol Bull
    1969;72:323-7, eq. 13). `kappa` is None, with `because`, where chance alone would agree
    always (all votes alike) or nobody judged the same record.
    """
    codes = codes[(codes >= 0).all(axis=1)]
    n = len(codes)
    out: Kappa = {"records": n, "observed": None, "expected": None, "kappa": None}
    if n == 0:
        return {**out, "because": "they judged no record in common"}
    size = int(codes.max()) + 1
    p = np.zeros((size, size))
    np.add.at(p, (codes[:, 0], codes[:, 1]), 1 / n)
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    po, pe = float(np.trace(p)), float(rows @ columns)
    out["observed"], out["expected"] = po, pe
    if 1 - pe < 1e-12:
        return {**out, "because": "both gave one and the same vote throughout; chance explains all"}
    value = (po - pe) / (1 - pe)
    diagonal = np.diag(p) @ ((1 - pe) - (rows + columns) * (1 - po)) ** 2
    others = p * (columns[:, None] + rows[None, :]) ** 2
    off = (1 - po) ** 2 * (others.sum() - np.trace(others))
    variance = (diagonal + off - (po * pe - 2 * pe + po) ** 2) / (n * (1 - pe) ** 4)
    se = math.sqrt(max(variance, 0.0))
    half = float(ndtri(0.5 + level / 2)) * se
    return {**out, "kappa": value, **_interval(value, se, half)}


def ac1(codes: np.ndarray, *, level: float = 0.95) -> Ac1:
    """Gwet's AC1 of any number of reviewers, votes missing or not.

    `codes`: (records, reviewers), -1 where missing. Variance over records, reviewers fixed, and
    t interval on records - 1 degrees of freedom (Gwet, Handbook of Inter-Rater Reliability,
    4th ed. 2014, ch. 2 and 5).
    """
    counts = _counts(codes, at_least=2)
    n, q = counts.shape
    votes = counts.sum(axis=1)
    twice = votes >= 2
    pa_i = np.zeros(n)
    pa_i[twice] = (counts * (counts - 1)).sum(axis=1)[twice] / (votes * (votes - 1))[twice]
    share = counts / votes[:, None]
    pi = share.mean(axis=0)
    pa, pe = float(pa_i[twice].mean()), float((pi * (1 - pi)).sum() / (q - 1))
    value = (pa - pe) / (1 - pe)
    own = np.where(twice, n / twice.sum() * (pa_i - pe) / (1 - pe), 0.0)
    pe_i = share @ (1 - pi) / (q - 1)
    own = own - 2 * (1 - value) * (pe_i - pe) / (1 - pe)
    se = math.sqrt(float(((own - value) ** 2).sum()) / (n * (n - 1)))
    half = _reach(n - 1, level) * se
    return {
        "ac1": value,
        "observed": pa,
        "expected": pe,
        "records": n,
        **_interval(value, se, half),
    }


def alpha(codes: np.ndarray, *, level: float = 0.95) -> Alpha:
    """Krippendorff's alpha for nominal votes, missing ones allowed.

    `codes`: (records, reviewers), -1 where missing. Coincidences after Krippendorff (Content
    Analysis, 4th ed. 2018, ch. 12); the interval is a t interval on the jackknife over records.
    None, with `because`, where all votes are alike.
    """
    counts = _counts(codes, at_least=1)
    votes = counts.sum(axis=1)
    counts, votes = counts[votes >= 2], votes[votes >= 2]
    n = len(votes)
    # disagreeing pairs within a record, each record weighted as its votes; per-category totals
    within = (votes**2 - (counts**2).sum(axis=1)) / (votes - 1)

    def value(inside, totals):
        pairable = totals.sum(axis=-1)
        expected = pairable**2 - (totals**2).sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return 1 - (pairable - 1) * inside / expected

    totals = counts.sum(axis=0)
    whole = float(value(within.sum(), totals))
    if not math.isfinite(whole):
        return {"alpha": None, "records": n, "because": "all votes are alike; nothing can vary"}
    left = value(within.sum() - within, totals - counts)
    left = np.where(np.isfinite(left), left, 1.0)
    se = math.sqrt(float((n - 1) / n * ((left - left.mean()) ** 2).sum()))
    half = _reach(n - 1, level) * se
    return {"alpha": whole, "records": n, **_interval(whole, se, half)}


def _counts(codes: np.ndarray, *, at_least: int) -> np.ndarray:
    """Votes for each category, for every record that has any."""
    used = max(int(codes.max()) + 1, at_least)
    counts = np.stack([(codes == k).sum(axis=1) for k in range(used)], axis=1).astype(float)
    return counts[counts.sum(axis=1) > 0]


def _interval(value: float, se: float, half: float) -> _Interval:
    return {"se": se, "ci_low": max(value - half, -1.0), "ci_high": min(value + half, 1.0)}


def _reach(df: int, level: float) -> float:
    """The two-sided quantile of Student's t on `df` degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.5 + level / 2))
