"""Slips in the numbers of one arm, or of a study. See `slips`."""

from itertools import pairwise
from math import sqrt

from extraction.slip_tools import OS, other, scale, some, swapped_digits, with_ci


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
