"""Studies whose printed numbers all come from the same simulated patients, rounded as papers do.

Used to show that the checks raise nothing on them, and find the slips put into them.
"""

from math import exp, log, sqrt

import numpy as np
from scipy.special import erfc

from livingmeta.formulas.individual_data import cox, kaplan_meier, log_rank, median

Z = 1.959963984540054


def study(seed: int) -> tuple[list[dict], dict]:
    """Rows of outcomes.csv and the row of studies.csv; 40 to 150 patients an arm, HR 0.3-0.65."""
    rng = np.random.default_rng(seed)
    sizes = {"local": int(rng.integers(40, 150)), "control": int(rng.integers(40, 150))}
    hazard_ratio, control_median = rng.uniform(0.3, 0.65), rng.uniform(8, 20)
    data = {}
    for arm, n in sizes.items():
        hazard = log(2) / control_median * (hazard_ratio if arm == "local" else 1)
        death, leaves = rng.exponential(1 / hazard, n), rng.uniform(18, 72, n)
        months = np.round(np.minimum(death, leaves), 1)
        data[arm] = {"time": months, "event": (death <= leaves).astype(int)}
        progression = np.minimum(death, rng.exponential(0.6 / hazard, n))
        data[arm, "pfs"] = {
            "time": np.round(np.minimum(progression, leaves), 1),
            "event": (progression <= leaves).astype(int),
        }
    rows: list[dict] = []
    for arm, n in sizes.items():
        _survival_rows(rows, "overall-survival", arm, data[arm], n)
        _survival_rows(rows, "progression-free-survival", arm, data[arm, "pfs"], n)
    _hazard_ratio(rows, data["local"], data["control"])
    _response(rows, rng, sizes)
    _quality_of_life(rows, rng, sizes)
    return rows, {"study_id": f"study-{seed}", "n": sum(sizes.values()), "status": "included"}


def _add(rows: list[dict], outcome: str, arm: str, statistic: str, value: float, **more) -> None:
    blank = {
        "time": np.nan,
        "n": np.nan,
        "ci_low": np.nan,
        "ci_high": np.nan,
        "ci_level": np.nan,
        "p_value": "",
        "unit": "",
        "adjusted": "",
        "note": "",
    }
    rows.append(
        {
            **blank,
            "outcome": outcome,
            "arm": arm,
            "statistic": statistic,
            "value": value,
            "row": len(rows) + 2,
            **more,
        }
    )


def _survival_rows(rows, outcome, arm, data, n) -> None:
    km = kaplan_meier(data)
    for t in (12, 24):
        s, se = km.at(t)
        if not 0 < s < 1 or t > km.last:
            continue
        width = Z * se / (s * log(s))
        low, high = sorted((s ** exp(-width), s ** exp(width)))
        _add(
            rows,
            outcome,
            arm,
            "survival",
            round(s, 3),
            time=t,
            n=n,
            ci_low=round(low, 3),
            ci_high=round(high, 3),
        )
        _add(rows, outcome, arm, "at-risk", int((data["time"] >= t).sum()), time=t)
    _add(rows, outcome, arm, "at-risk", n, time=0)
    middle, low, high = median(data)
    if np.isfinite(middle + low + high):
        _add(
            rows,
            outcome,
            arm,
            "median",
            round(middle, 1),
            n=n,
            ci_low=round(low, 1),
            ci_high=round(high, 1),
        )
    _add(rows, outcome, arm, "events", int(data["event"].sum()), n=n)
    _add(rows, outcome, arm, "maximum-followup", float(data["time"].max()))


def _hazard_ratio(rows, local, control) -> None:
    fitted, test = cox(local, control), log_rank(local, control)
    half = Z * sqrt(fitted.variance)
    _add(
        rows,
        "overall-survival",
        "local/control",
        "hazard-ratio",
        round(exp(fitted.value), 2),
        ci_low=round(exp(fitted.value - half), 2),
        ci_high=round(exp(fitted.value + half), 2),
        p_value=_p(abs(fitted.value) / sqrt(fitted.variance)),
        adjusted="no",
    )
    _add(
        rows,
        "overall-survival",
        "local/control",
        "log-rank-p",
        np.nan,
        p_value=_p(abs(test.observed - test.expected) / sqrt(test.variance)),
    )


def _response(rows, rng, sizes) -> None:
    shares = {"local": rng.uniform(0.45, 0.7), "control": rng.uniform(0.2, 0.4)}
    counts = {arm: int(rng.binomial(n, shares[arm])) for arm, n in sizes.items()}
    for arm, n in sizes.items():
        _add(rows, "response", arm, "proportion", round(counts[arm] / n, 3), n=n)
        _add(rows, "response", arm, "events", counts[arm], n=n)
    a, c = counts["local"], counts["control"]
    b, d = sizes["local"] - a, sizes["control"] - c
    ratio, se = log(a * d / (b * c)), sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    _add(
        rows,
        "response",
        "local/control",
        "odds-ratio",
        round(exp(ratio), 2),
        adjusted="no",
        ci_low=round(exp(ratio - Z * se), 2),
        ci_high=round(exp(ratio + Z * se), 2),
        p_value=_p(abs(ratio) / se),
    )


def _quality_of_life(rows, rng, sizes) -> None:
    means, spreads = {}, {}
    for arm, n in sizes.items():
        values = rng.normal(60 if arm == "control" else 66, 15, n)
        means[arm], spreads[arm] = values.mean(), values.std(ddof=1)
        _add(rows, "quality-of-life", arm, "mean", round(means[arm], 1), n=n)
        _add(rows, "quality-of-life", arm, "sd", round(spreads[arm], 1), n=n)
    difference = means["local"] - means["control"]
    se = sqrt(sum(spreads[arm] ** 2 / sizes[arm] for arm in sizes))
    _add(
        rows,
        "quality-of-life",
        "local/control",
        "mean-difference",
        round(difference, 1),
        ci_low=round(difference - Z * se, 1),
        ci_high=round(difference + Z * se, 1),
        p_value=_p(abs(difference) / se),
        adjusted="no",
    )


def _p(z: float) -> str:
    p = float(erfc(z / sqrt(2)))
    if p < 0.0001:
        return "<0.0001"
    return f"{p:.4f}" if p < 0.001 else f"{p:.3f}"
