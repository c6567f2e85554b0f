"""Slips of an extractor or of a paper, put into made-up studies.

Each takes a study and makes its slip in rows chosen by chance; it returns whether the study prints
what the slip needs. `docs/checks.md` lists the kinds.
"""

from collections.abc import Callable
from itertools import pairwise
from math import isfinite, log, sqrt

from extraction.made_up_studies import Study, problems
from livingmeta.tables import TableError

OS = "overall-survival"


def some(study: Study, *statistics: str, where: Callable[[dict], bool] = lambda r: True):
    """A row of these statistics with a value, by chance; None without one."""
    rows = [
        r for r in study.rows if r["statistic"] in statistics and isfinite(r["value"]) and where(r)
    ]
    return rows[study.rng.integers(0, len(rows))] if rows else None


def with_ci(r):
    return isfinite(r["ci_low"]) and isfinite(r["ci_high"])


def other(study, row, statistic="", **same):
    """The row of the other arm at the same time, or of another statistic of the same arm."""
    for r in study.rows:
        if r is row or r["outcome"] != row["outcome"] or "/" in r["arm"]:
            continue
        if statistic and (r["statistic"], r["arm"]) == (statistic, row["arm"]):
            return r
        timely = r["time"] == row["time"] or not (isfinite(r["time"]) or isfinite(row["time"]))
        alike = timely and r["statistic"] == row["statistic"] and isfinite(r["value"])
        if not statistic and alike and r["arm"] != row["arm"]:
            return r
    return None


def swapped_digits(number):
    """45.1 for 54.1: two digits changed places, those that matter most."""
    text = f"{number:g}"
    places = [i for i, c in enumerate(text) if c.isdigit()]
    for i, j in pairwise(places):
        if text[i] != text[j]:
            return float(text[:i] + text[j] + text[i + 1 : j] + text[i] + text[j + 1 :])
    return number


def scale(row, factor, columns=("value", "ci_low", "ci_high"), digits=3):
    for c in columns:
        row[c] = round(row[c] * factor, digits)


def events_above_n(s):
    r = some(s, "events")
    if r:
        r["value"] = r["n"] + int(s.rng.integers(1, 20))
    return r


def events_tenfold(s):
    r = some(s, "events", where=lambda r: r["value"] > 3)
    if r:
        r["value"] *= 10
    return r


def events_digit_lost(s):
    r = some(s, "events", where=lambda r: r["value"] >= 20 and r["outcome"] != "falls")
    if r:
        r["value"] //= 10
    return r


def events_are_survivors(s):
    r = some(s, "events", where=lambda r: abs(2 * r["value"] / r["n"] - 1) > 0.25)
    if r:
        r["value"] = r["n"] - r["value"]
    return r


def percentage_without_unit(s):
    r = some(s, "survival", "proportion", where=lambda r: r["value"] > 1)
    if r:
        r["unit"] = ""
    return r


def proportion_as_percentage(s):
    r = some(s, "survival", "proportion", where=lambda r: 5 < r["value"] < 100)
    if r:
        scale(r, 0.01, digits=4)
    return r


def percentage_point_shifted(s):
    r = some(s, "survival", "proportion", where=lambda r: r["value"] >= 20)
    if r:
        scale(r, 0.1, ("value",))
    return r


def percentage_digits_swapped(s):
    r = some(
        s,
        "survival",
        "proportion",
        where=lambda r: abs(swapped_digits(r["value"]) - r["value"]) >= 18,
    )
    if r:
        r["value"] = swapped_digits(r["value"])
    return r


def mortality_for_survival(s):
    r = some(s, "survival", where=lambda r: abs(r["value"] - 50) > 15)
    if r:
        r["value"] = round(100 - r["value"], 1)
        r["ci_low"], r["ci_high"] = round(100 - r["ci_high"], 1), round(100 - r["ci_low"], 1)
    return r


def survival_times_swapped(s):
    r = some(s, "survival", where=lambda r: r["time"] > 6)
    later = r and next(
        (
            x
            for x in s.rows
            if (x["outcome"], x["arm"], x["statistic"]) == (r["outcome"], r["arm"], "survival")
            and x["time"] != r["time"]
            and abs(x["value"] - r["value"]) > 3
        ),
        None,
    )
    if later:
        r["time"], later["time"] = later["time"], r["time"]
    return later


def survival_in_years(s):
    r = some(s, "survival", where=lambda r: r["time"] >= 12)
    if r:
        r["time"] = r["time"] / 12
    return r


def survival_arms_swapped(s):
    r = some(s, "survival", where=lambda r: r["outcome"] == OS)
    twin = r and other(s, r)
    if not twin or abs(r["value"] - twin["value"]) < 20:
        return None
    for x in s.rows:
        if x["statistic"] == "survival" and x["outcome"] == OS:
            x["arm"] = {"local": "control", "control": "local"}[x["arm"]]
    return twin


def medians_swapped(s):
    r = some(s, "median", where=lambda r: r["outcome"] == OS)
    twin = r and other(s, r)
    if not twin or not min(r["value"], twin["value"]) / max(r["value"], twin["value"]) < 0.5:
        return None
    r["arm"], twin["arm"] = twin["arm"], r["arm"]
    return twin


def median_in_years(s):
    r = some(s, "median", where=lambda r: r["unit"] == "months")
    if r:
        scale(r, 1 / 12, digits=2)
    return r


def median_point_shifted(s):
    r = some(s, "median", where=lambda r: r["unit"] == "months" and r["value"] > 3)
    if r:
        scale(r, 10 if s.often(0.5) else 0.1, ("value",))
    return r


def not_reached_though_it_was(s):
    r = some(s, "median", where=lambda r: r["unit"] == "months")
    if r:
        r |= {"value": float("nan"), "ci_low": float("nan"), "ci_high": float("nan")}
        r["note"] = "not reached"
    return r


def limits_swapped(s):
    r = some(s, *RATIO, "survival", "proportion", "mean-difference", "mean", where=with_ci)
    if r:
        r["ci_low"], r["ci_high"] = r["ci_high"], r["ci_low"]
    return r and r["ci_low"] != r["ci_high"]


def limit_point_shifted(s):
    r = some(s, *RATIO, where=lambda r: with_ci(r) and r["ci_low"] >= 0.1)
    if r:
        r["ci_low"] = round(r["ci_low"] / 10, 3)
    return r


def limit_digits_swapped(s):
    r = some(s, *RATIO, "survival", "proportion", "mean-difference", where=with_ci)
    column = "ci_high" if r and s.often(0.5) else "ci_low"
    if not r or abs(swapped_digits(r[column]) - r[column]) < 0.35 * (r["ci_high"] - r["ci_low"]):
        return None
    r[column] = swapped_digits(r[column])
    return r


def value_digits_swapped(s):
    r = some(s, *RATIO, "mean-difference", where=with_ci)
    if not r or abs(swapped_digits(r["value"]) - r["value"]) < 0.2 * (r["ci_high"] - r["ci_low"]):
        return None
    r["value"] = swapped_digits(r["value"])
    return r


def interval_of_another_row(s):
    r = some(s, "survival", "proportion", "mean", *RATIO, where=with_ci)
    donor = r and some(
        s,
        r["statistic"],
        where=lambda x: (
            with_ci(x)
            and abs(x["ci_low"] - r["ci_low"]) > 0.25 * (r["ci_high"] - r["ci_low"])
            and x["value"] != r["value"]
        ),
    )
    if donor:
        r["ci_low"], r["ci_high"] = donor["ci_low"], donor["ci_high"]
    return donor


RATIO = ("hazard-ratio", "odds-ratio", "risk-ratio")


def ratio_turned(s):
    r = some(s, *RATIO, where=lambda r: abs(log(r["value"])) > 0.5)
    if r:
        r["value"] = round(1 / r["value"], 2)
        if with_ci(r):
            low, high = round(1 / r["ci_high"], 2), round(1 / max(r["ci_low"], 0.01), 2)
            r["ci_low"], r["ci_high"] = low, high
    return r


def ratio_point_shifted(s):
    r = some(s, *RATIO, where=lambda r: r["value"] >= 0.1)
    if r:
        scale(r, 0.1 if s.often(0.5) else 10, ("value",))
    return r


def whole_ratio_point_shifted(s):
    r = some(s, *RATIO, where=lambda r: r["value"] >= 0.1)
    if r:
        scale(r, 10)
    return r


def logarithm_as_ratio(s):
    r = some(s, *RATIO, where=with_ci)
    if not r or r["ci_low"] <= 0:
        return None
    for c in ("value", "ci_low", "ci_high"):
        r[c] = round(log(r[c]), 2)
    return r


def odds_for_risk_ratio(s):
    r = some(s, "odds-ratio", "risk-ratio", where=lambda r: abs(log(r["value"])) > 0.5)
    shares = [x["value"] / x["n"] for x in s.rows if x["statistic"] == "events" and x["n"] > 0]
    if not r or not shares or max(shares) < 0.3:
        return None
    r["statistic"] = {"odds-ratio": "risk-ratio", "risk-ratio": "odds-ratio"}[r["statistic"]]
    return r


def other_level(factor):
    def slip(s):
        r = some(s, *RATIO, where=with_ci)
        if not r or r["ci_low"] <= 0.05:
            return None
        middle, half = log(r["value"]), factor * log(r["ci_high"] / r["ci_low"]) / 2
        r["ci_low"], r["ci_high"] = (round(2.718281828 ** (middle + k * half), 2) for k in (-1, 1))
        return r["p_value"] or any(x["statistic"] == "events" for x in s.rows)

    return slip


interval_of_90 = other_level(1.644854 / 1.959964)
interval_of_99 = other_level(2.575829 / 1.959964)
interval_of_one_se = other_level(1 / 1.959964)


def with_p(r):
    return r["p_value"] and not r["p_value"].startswith("<") and 0 < float(r["p_value"]) < 0.5


def beside_p(s, row):
    """Whether anything tells what a p should be."""
    if row["statistic"] == "log-rank-p":
        return any(r["statistic"] == "hazard-ratio" and with_ci(r) for r in s.rows)
    return with_ci(row) or any(r["statistic"] in ("sd", "events") for r in s.rows)


def some_p(s, where=lambda r: True):
    rows = [r for r in s.rows if with_p(r) and where(r) and beside_p(s, r)]
    return rows[s.rng.integers(0, len(rows))] if rows else None


def one_sided_p(s):
    r = some_p(s, where=lambda r: 0.004 < float(r["p_value"]) < 0.4)
    if r:
        r["p_value"] = f"{float(r['p_value']) / 2:.3f}"
    return r


def p_point_shifted(s):
    r = some_p(s)
    if r:
        r["p_value"] = f"{float(r['p_value']) / 10:.4f}"
    return r


def p_digit_lost(s):
    r = some_p(s, where=lambda r: r["p_value"].startswith("0.0"))
    if r:
        r["p_value"] = r["p_value"].replace("0.0", "0.", 1)
    return r


def p_of_another_test(s):
    r = some_p(s, where=lambda r: not float(r["p_value"]) > 0.15)
    if r:
        r["p_value"] = "0.74"
    return r


def bound_of_a_weak_difference(s):
    r = some_p(s, where=lambda r: float(r["p_value"]) > 0.15)
    if r:
        r["p_value"] = "<0.001"
    return r


def se_as_sd(s):
    r = some(s, "sd", where=lambda r: r["outcome"] == "score")
    if r:
        r["value"] = round(r["value"] / sqrt(r["n"]), 1)
    return r


def se_as_sd_in_both(s):
    rows = [r for r in s.rows if r["statistic"] == "sd" and r["outcome"] == "score"]
    contrast = some(s, "mean-difference")
    for r in rows:
        r["value"] = round(r["value"] / sqrt(r["n"]), 1)
    return rows and contrast


def sd_as_se(s):
    r = some(s, "se", where=lambda r: "/" not in r["arm"])
    told = r and (other(s, r, "sd") or with_ci(other(s, r, "mean") or r))
    if told:
        r["value"] = round(r["value"] * sqrt(r["n"]), 1)
    return told


def sd_of_zero(s):
    r = some(s, "sd")
    if r:
        r["value"] = 0
    return r


def sd_point_shifted(s):
    r = some(s, "sd", where=lambda r: r["outcome"] == "score")
    if r:
        r["value"] = round(r["value"] * 10, 1)
    return r


def quartiles_swapped(s):
    r = some(s, "q1")
    third = r and other(s, r, "q3")
    if not third or r["value"] == third["value"]:
        return None
    r["value"], third["value"] = third["value"], r["value"]
    return third


def quartile_point_shifted(s):
    r = some(s, "q1", "median", where=lambda r: r["outcome"] == "stay")
    if r:
        r["value"] = round(r["value"] * 10, 1)
    return r


def sign_of_difference(s):
    r = some(s, "mean-difference", where=lambda r: abs(r["value"]) > 1)
    if r:
        r["value"] = -r["value"]
        r["ci_low"], r["ci_high"] = -r["ci_high"], -r["ci_low"]
    return r


def mean_digits_swapped(s):
    r = some(s, "mean", where=lambda r: abs(swapped_digits(r["value"]) - r["value"]) > 8)
    if not r or not some(s, "mean-difference", where=lambda x: x["time"] == r["time"]):
        return None
    r["value"] = swapped_digits(r["value"])
    return r


def patients_of_a_row(s):
    r = some(s, "survival", "mean", "events", "proportion", where=lambda r: r["n"] >= 12)
    twins = r and [
        x
        for x in s.rows
        if (x["outcome"], x["arm"]) == (r["outcome"], r["arm"]) and x["n"] == r["n"]
    ]
    if not twins or len(twins) < 2:
        return None
    new = swapped_digits(r["n"])
    if abs(new - r["n"]) < 0.1 * r["n"] or new < r["n"] / 5:
        new = r["n"] + max(9, int(r["n"] / 4))
    r["n"] = int(new)
    return r


def patients_of_the_other_arm(s):
    r = some(s, "survival", "mean", "proportion")
    twin = r and other(s, r)
    if not twin or abs(twin["n"] - r["n"]) < 0.12 * r["n"] or not other(s, r, "events"):
        return None
    r["n"] = twin["n"]
    return r


def study_smaller_than_its_arms(s):
    sized = {r["arm"]: r["n"] for r in s.rows if r["n"] > 0 and "/" not in r["arm"]}
    s.about["n"] = int(s.about["n"] * 0.6)
    return sized and sum(sized.values()) > s.about["n"]


def more_at_risk_than_alive(s):
    r = some(s, "at-risk", where=lambda r: r["time"] > 0)
    twin = r and next(
        (
            x
            for x in s.rows
            if x["statistic"] == "survival"
            and (x["outcome"], x["arm"], x["time"]) == (r["outcome"], r["arm"], r["time"])
        ),
        None,
    )
    if not twin:
        return None
    r["value"] = int(twin["n"] * min(1, twin["value"] / 100 + 0.12)) + 1
    return twin["value"] < 85


def at_risk_rises(s):
    risk = [r for r in s.rows if r["statistic"] == "at-risk"]
    for a, b in pairwise(risk):
        if a["arm"] == b["arm"] and a["value"] > b["value"] > 0 and a["outcome"] == b["outcome"]:
            a["value"], b["value"] = b["value"], a["value"]
            return a
    return None


def se_of_the_ratio(s):
    r = some(s, "se", where=lambda r: "/" in r["arm"])
    ratio = r and some(s, "hazard-ratio")
    if not ratio or not (with_ci(ratio) or with_p(ratio)) or abs(log(ratio["value"])) < 0.25:
        return None
    r["value"] = round(r["value"] * ratio["value"], 3)
    return r


def se_point_shifted(s):
    r = some(s, "se", where=lambda r: "/" in r["arm"])
    if not r or not some(s, "hazard-ratio", where=lambda x: with_ci(x) or with_p(x)):
        return None
    r["value"] = round(r["value"] / 10, 4)
    return r


def expected_swapped(s):
    rows = [r for r in s.rows if r["statistic"] == "log-rank-observed"]
    if len(rows) != 2 or abs(rows[0]["value"] - rows[1]["value"]) < 5:
        return None
    rows[0]["value"], rows[1]["value"] = rows[1]["value"], rows[0]["value"]
    return any(r["statistic"] in ("events", "hazard-ratio") for r in s.rows)


def expected_digit(s):
    r = some(s, "log-rank-expected")
    if r:
        r["value"] = round(r["value"] + 10, 1)
    return r


def follow_up_in_years(s):
    r = some(s, "maximum-followup", where=lambda r: r["outcome"] != "falls")
    if r:
        r["value"] = round(r["value"] / 12, 1)
    return r and any(x["statistic"] == "survival" for x in s.rows)


def follow_up_shorter_than_a_time(s):
    r = some(s, "maximum-followup", where=lambda r: r["outcome"] != "falls")
    late = [
        x["time"]
        for x in s.rows
        if r
        and x["statistic"] == "survival"
        and x["outcome"] == r["outcome"]
        and x["arm"] == r["arm"]
    ]
    if not late:
        return None
    r["value"] = max(late) - 3
    return r


def restricted_mean_too_long(s):
    r = some(s, "rmst")
    if r:
        scale(r, 10)
    return r


def person_time_point_shifted(s):
    r = some(s, "person-time")
    if not r or not (other(s, r, "rate") or other(s, r, "maximum-followup")):
        return None
    r["value"] = round(r["value"] * 1.7)
    return other(s, r, "rate")


def progression_as_survival(s):
    first = [r for r in s.rows if r["outcome"].startswith("progression")]
    r = next((r for r in first if r["statistic"] == "survival"), None)
    twin = r and next(
        (
            x
            for x in s.rows
            if x["outcome"] == OS
            and (x["arm"], x["statistic"], x["time"]) == (r["arm"], "survival", r["time"])
        ),
        None,
    )
    if not twin or twin["value"] - r["value"] < 8:
        return None
    r["outcome"], twin["outcome"] = twin["outcome"], r["outcome"]
    return r


NO_SLIP = {"some", "with_ci", "other", "swapped_digits", "scale", "other_level", "with_p"}
NO_SLIP |= {"beside_p", "some_p"}
SLIPS: dict[str, Callable[[Study], object]] = {
    name: slip
    for name, slip in list(globals().items())
    if getattr(slip, "__module__", "") == __name__ and name not in NO_SLIP
}


def found_in(study: Study) -> str:
    """`refused` where a row is no row, `raised` where the checks tell of the study, else ""."""
    try:
        return "" if problems([study]).empty else "raised"
    except TableError:
        return "refused"
