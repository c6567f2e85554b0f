"""What papers print of survival curves, from simulated or published patients. See
`made_up_studies`."""

from math import exp, log, sqrt

import numpy as np
from scipy import special

from livingmeta.formulas import individual_data as patients

Z = 1.959963984540054


def p_text(rng, p):
    """p as papers print it: two or three decimals, or a bound."""
    style = rng.integers(0, 3)
    if style == 0:
        return "<0.001" if p < 0.001 else f"{p:.3f}"
    if style == 1:
        return "<0.0001" if p < 0.0001 else (f"{p:.4f}" if p < 0.001 else f"{p:.3f}")
    return "<0.01" if p < 0.01 else f"{p:.2f}"


def two_sided(z):
    return float(special.erfc(abs(z) / sqrt(2)))


def drawn(rng, n, scale, shape, leaves):
    """Times and events of n patients: Weibull deaths, even censoring."""
    death = scale * rng.weibull(shape, n)
    out = rng.uniform(*leaves, n)
    months = np.maximum(np.round(np.minimum(death, out), 1), 0.1)
    return {"time": months, "event": (death <= out).astype(int), "death": death, "out": out}


def survival(study, arms=("local", "control")):
    rng = study.rng
    sizes = study.sizes(20 if len(arms) > 1 else 12)
    if len(arms) == 1:
        study.about["n"] = sizes["local"]
    ratio, shape = exp(rng.uniform(log(0.35), log(1.4))), rng.uniform(0.8, 1.5)
    middle = rng.uniform(7, 30)
    leaves = (rng.uniform(0, 12), rng.uniform(36, 80))
    study.choose_style()
    data = {}
    both = study.often(0.3)
    for arm in arms:
        scale = middle / log(2) ** (1 / shape) / (ratio ** (1 / shape) if arm == "local" else 1)
        data[arm] = drawn(rng, sizes[arm], scale, shape, leaves)
        curve(study, "overall-survival", arm, data[arm], sizes[arm])
        if both:
            first = np.minimum(data[arm]["death"], rng.exponential(scale * 1.2, sizes[arm]))
            out = data[arm]["out"]
            early = {
                "time": np.maximum(np.round(np.minimum(first, out), 1), 0.1),
                "event": (first <= out).astype(int),
            }
            curve(study, "progression-free-survival", arm, early, sizes[arm])
    if len(arms) > 1:
        compared(study, data)
    if study.often(0.4):
        start = int(rng.integers(2000, 2016))
        study.about["enrolled_from"] = str(start)
        study.about["enrolled_to"] = str(start + 3)
        study.about["year"] = start + 4 + int(leaves[1] / 12)


def curve(study, outcome, arm, data, n):
    """What is printed of one curve."""
    style, km = study.style, patients.kaplan_meier(data)
    for t in style["times"]:
        s, se = km.at(t)
        if (data["time"] >= t).sum() < 3 or not 0 < s < 1:
            continue
        more = {"n": n, "time": t, "unit": "%"}
        if style["ci"]:
            low, high = limits(s, se, style["scale"])
            more |= {
                "ci_low": round(100 * low, style["digits"]),
                "ci_high": round(100 * high, style["digits"]),
            }
        study.add(outcome, arm, "survival", round(100 * s, style["digits"]), **more)
    if style["risk"]:
        for t in (0, *style["times"]):
            study.add(outcome, arm, "at-risk", int((data["time"] >= t).sum()), time=t)
    middle, low, high = patients.median(data)
    if style["median"]:
        if np.isfinite(middle):
            more = {"unit": "months", "n": n}
            if style["ci"] and np.isfinite(high):
                more |= {"ci_low": round(low, 1), "ci_high": round(high, 1)}
            study.add(outcome, arm, "median", round(middle, 1), **more)
        else:
            study.add(outcome, arm, "median", np.nan, note="not reached", n=n)
    if style["events"]:
        study.add(outcome, arm, "events", int(data["event"].sum()), n=n)
    if style["longest"]:
        longest = float(data["time"].max())
        study.add(outcome, arm, "maximum-followup", longest, unit="months")
    if style["rmst"] and data["time"].max() > 24:
        mean, variance = patients.restricted_mean(data, 24)
        half = Z * sqrt(variance)
        study.add(
            outcome,
            arm,
            "rmst",
            round(mean, 1),
            time=24,
            n=n,
            unit="months",
            ci_low=round(mean - half, 1),
            ci_high=round(mean + half, 1),
        )


def limits(s, se, scale):
    if scale == "plain":
        return max(s - Z * se, 0), min(s + Z * se, 1)
    if scale == "log":
        return s * exp(-Z * se / s), min(s * exp(Z * se / s), 1)
    width = Z * se / (s * log(s))
    return tuple(sorted((s ** exp(-width), s ** exp(width))))


def compared(study, data):
    """Hazard ratio, log-rank test, observed and expected events."""
    rng, pair = study.rng, "local/control"
    try:
        fitted = patients.cox(data["local"], data["control"])
    except patients.IndividualDataError:
        return
    test = patients.log_rank(data["local"], data["control"])
    se = sqrt(fitted.variance)
    adjusted = "randomised" if study.often() else "no"
    if study.often(0.85):
        more = {"adjusted": adjusted}
        digits = 2 if study.often() else 3
        if study.often(0.8):
            more |= {
                "ci_low": round(exp(fitted.value - Z * se), digits),
                "ci_high": round(exp(fitted.value + Z * se), digits),
            }
        if study.often(0.5):
            more["p_value"] = p_text(rng, two_sided(fitted.value / se))
        study.add(
            "overall-survival", pair, "hazard-ratio", round(exp(fitted.value), digits), **more
        )
        if study.often(0.2):
            study.add("overall-survival", pair, "se", round(se, 3), adjusted=adjusted)
    if study.often(0.6):
        z = (test.observed - test.expected) / sqrt(test.variance)
        p = p_text(rng, two_sided(z))
        study.add("overall-survival", pair, "log-rank-p", np.nan, p_value=p)
    if study.often(0.2):
        total = sum(float(data[arm]["event"].sum()) for arm in data)
        both = (("local", test.observed, test.expected),)
        both += (("control", total - test.observed, total - test.expected),)
        for arm, o, e in both:
            study.add("overall-survival", arm, "log-rank-observed", int(o))
            study.add("overall-survival", arm, "log-rank-expected", round(e, 1))
        if study.often(0.5):
            v = round(test.variance, 2)
            study.add("overall-survival", pair, "log-rank-variance", v)
