"""Slips in what compares two arms. See `slips`."""

from math import log

from extraction.slip_tools import RATIO, scale, some, swapped_digits, with_ci


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


def sign_of_difference(s):
    r = some(s, "mean-difference", where=lambda r: abs(r["value"]) > 1)
    if r:
        r["value"] = -r["value"]
        r["ci_low"], r["ci_high"] = -r["ci_high"], -r["ci_low"]
    return r


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
