"""Studies of many kinds whose printed numbers all come from the same simulated patients.

Rows are as people type them (percentages with their unit, as many digits as papers print), so they
pass through `outcomes.tidy` before the checks; every block of numbers is printed or not by chance.
`kinds`: trials and series with survival, counts, means, medians with quartiles, rates.
"""

from math import exp, log, sqrt

import numpy as np
import pandas as pd
from scipy import special

import asking
from extraction.made_up_curves import Z, p_text, survival, two_sided
from livingmeta.extraction import outcomes
from livingmeta.extraction.checks.run import check

BLANK = {
    **dict.fromkeys(("time", "n", "ci_low", "ci_high", "ci_level"), np.nan),
    **dict.fromkeys(("p_value", "unit", "adjusted", "source", "quote", "extractor", "note"), ""),
    "time_unit": "",
}
ARMS = {"local": {}, "control": {}}
OUTCOMES = {
    "overall-survival": {"kind": "survival"},
    "progression-free-survival": {"kind": "survival"},
    "response": {"kind": "binary"},
    "score": {"kind": "continuous", "unit": "points"},
    "stay": {"kind": "continuous", "unit": "nights"},
    "falls": {"kind": "rate"},
}


class Study:
    """Rows of outcomes.csv as typed, and the row of studies.csv."""

    def __init__(self, seed: int, kind: str = ""):
        self.rng = np.random.default_rng(seed)
        self.rows: list[dict] = []
        self.patients: dict[str, int] = {}
        self.kind = kind or KINDS[seed % len(KINDS)]
        self.about = {"study_id": f"study-{seed}", "records": f"doi:10.5555/{seed}"}
        self.about |= {"status": "included", "trial": ""}
        MAKERS[self.kind](self)
        self.named()

    def named(self):
        """Each row with its study's name."""
        for row in self.rows:
            row["study_id"] = self.about["study_id"]

    def choose_style(self):
        """How a paper prints curves: which numbers, which intervals, how many digits."""
        times = [(12, 24), (6, 12, 24), (12, 36, 60), (12,), (24,), (12, 24, 36)]
        self.style = {
            "digits": int(self.rng.integers(0, 2)),
            "scale": ["plain", "log", "log-log"][self.rng.integers(0, 3)],
            "ci": self.often(0.6),
            "risk": self.often(0.6),
            "events": self.often(0.7),
            "median": self.often(0.8),
            "rmst": self.often(0.15),
            "longest": self.often(0.4),
            "times": times[self.rng.integers(0, 6)],
        }

    def add(self, outcome, arm, statistic, value, **more):
        self.rows.append(
            BLANK | {"outcome": outcome, "arm": arm, "statistic": statistic, "value": value} | more
        )

    def often(self, share=0.75):
        return self.rng.random() < share

    def sizes(self, low=15, high=220):
        """Patients in the arms, once and for all: alike as in a trial, or not."""
        if self.patients:
            return self.patients
        n = int(exp(self.rng.uniform(log(low), log(high))))
        other = n if self.often(0.2) else int(max(low, n * self.rng.uniform(0.6, 1.7)))
        if self.often(0.6):
            other = n + int(self.rng.integers(-2, 3))
        self.about["n"] = n + other
        self.patients = {"local": n, "control": other}
        return self.patients


def tidied(studies: list[Study]) -> pd.DataFrame:
    """Their rows as one table of results/extraction; raises TableError where one is refused."""
    rows = [row for study in studies for row in study.rows]
    raw = pd.DataFrame(rows).assign(row=range(2, len(rows) + 2))
    known = [study.about["study_id"] for study in studies]
    return outcomes.tidy(raw, known, asking.outcomes(OUTCOMES), ARMS, "months")


def problems(studies: list[Study]) -> pd.DataFrame:
    """What the checks raise on them, errors and warnings."""
    survival = [name for name, of in OUTCOMES.items() if of["kind"] == "survival"]
    about = pd.DataFrame([study.about for study in studies])
    found = check(tidied(studies), about, survival=survival)
    return found[found["severity"] != "note"]


def binary(study, arms=("local", "control")):
    rng = study.rng
    sizes = study.sizes()
    if len(arms) == 1:
        study.about["n"] = sizes["local"]
    base = rng.uniform(0.08, 0.7)
    odds = base / (1 - base) * exp(rng.uniform(-1.2, 1.2))
    shares = {"control": base, "local": odds / (1 + odds)}
    counts = {arm: int(rng.binomial(sizes[arm], shares[arm])) for arm in arms}
    percent, events = study.often(0.6), study.often(0.8)
    digits = int(rng.integers(0, 2))
    for arm in arms:
        k, n = counts[arm], sizes[arm]
        if events or not percent:
            study.add("response", arm, "events", k, n=n)
        if percent:
            more = {"n": n, "unit": "%"}
            if study.often(0.5):
                low, high = share_limits(k, n, int(rng.integers(0, 3)))
                more |= {
                    "ci_low": round(100 * low, digits),
                    "ci_high": round(100 * high, digits),
                }
            study.add("response", arm, "proportion", round(100 * k / n, digits), **more)
    if len(arms) > 1:
        table(study, counts, sizes)


def share_limits(k, n, way):
    p = k / n
    if way == 0:
        half = Z * sqrt(p * (1 - p) / n)
        return max(p - half, 0), min(p + half, 1)
    if way == 1:
        middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z / (1 + Z**2 / n) * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
        return max(middle - half, 0.0), min(middle + half, 1.0)
    low = special.betaincinv(k, n - k + 1, 0.025) if k else 0.0
    high = special.betaincinv(k + 1, n - k, 0.975) if k < n else 1.0
    return float(low), float(high)


def table(study, counts, sizes):
    """A ratio or difference of two counts, and the p of one of the tests in use."""
    rng = study.rng
    (a, c), (n1, n2) = ((x["local"], x["control"]) for x in (counts, sizes))
    b, d = n1 - a, n2 - c
    if min(a, b, c, d) < 1:
        return
    which = int(rng.integers(0, 3))
    odds, se_odds = log(a * d / (b * c)), sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    risk, se_risk = log(a / n1 / (c / n2)), sqrt(1 / a - 1 / n1 + 1 / c - 1 / n2)
    off, se_off = a / n1 - c / n2, sqrt(a * b / n1**3 + c * d / n2**3)
    name, value, se = (
        ("odds-ratio", odds, se_odds),
        ("risk-ratio", risk, se_risk),
        ("risk-difference", off, se_off),
    )[which]
    tests = [two_sided(value / se)]
    spread = (a + c) * (b + d) * n1 * n2 / (n1 + n2)
    cross = abs(a * d - b * c)
    tests.append(two_sided(cross / sqrt(spread)))
    tests.append(two_sided(max(cross - (n1 + n2) / 2, 0) / sqrt(spread)))
    tests.append(fisher(a, n1, c, n2))
    more = {"adjusted": "randomised" if study.often() else "no"}
    if study.often(0.7):
        more["p_value"] = p_text(rng, tests[rng.integers(0, 4)])
    ends = (value - Z * se, value + Z * se)
    if which == 2:
        ends = [round(100 * x, 1) for x in ends]
        more |= {"unit": "%"}
        value = round(100 * value, 1)
    else:
        ends = [round(exp(x), 2) for x in ends]
        value = round(exp(value), 2)
    if study.often(0.8):
        more |= {"ci_low": ends[0], "ci_high": ends[1]}
    if value > 0 or which == 2:
        study.add("response", "local/control", name, value, **more)


def fisher(a, n1, c, n2):
    k, m, n = np.arange(max(0, a + c - n2), min(a + c, n1) + 1), a + c, n1 + n2

    def choose(x, y):
        return special.gammaln(x + 1) - special.gammaln(y + 1) - special.gammaln(x - y + 1)

    p = np.exp(choose(n1, k) + choose(n2, m - k) - choose(n, m))
    return float(min(1.0, p[p <= p[k == a][0] * (1 + 1e-7)].sum()))


def t_p(t, df):
    return float(special.betainc(df / 2, 0.5, df / (df + t * t)))


def means(study):
    rng = study.rng
    sizes = study.sizes(10)
    middle, sd = rng.uniform(15, 80), rng.uniform(3, 14)
    gain = sd * rng.uniform(-0.9, 0.9)
    values = {a: rng.normal(middle + gain * (a == "local"), sd, n) for a, n in sizes.items()}
    times = [np.nan] if study.often(0.6) else [3, 12]
    with_sd = study.often(0.85)
    for time in times:
        if time == 12:
            values = {a: v * 0.6 + rng.normal(0, sd * 0.7, v.size) for a, v in values.items()}
        for arm, v in values.items():
            m, s, n = v.mean(), v.std(ddof=1), v.size
            more = {"n": n, "unit": "points", "time": time}
            ends = {}
            if study.often(0.3):
                half = special.stdtrit(n - 1, 0.975) * s / sqrt(n)
                ends = {"ci_low": round(m - half, 1), "ci_high": round(m + half, 1)}
            study.add("score", arm, "mean", round(m, 1), **more, **ends)
            if with_sd:
                study.add("score", arm, "sd", round(s, 1), **more)
            if not with_sd or study.often(0.1):
                study.add("score", arm, "se", round(s / sqrt(n), 2), **more)
        difference(study, values, time)


def difference(study, values, time):
    a, b = values["local"], values["control"]
    off, (n1, n2) = a.mean() - b.mean(), (a.size, b.size)
    v1, v2 = a.var(ddof=1), b.var(ddof=1)
    pooled = ((n1 - 1) * v1 + (n2 - 1) * v2) / (n1 + n2 - 2)
    se, df = sqrt(pooled * (1 / n1 + 1 / n2)), n1 + n2 - 2
    if study.often(0.4):
        se = sqrt(v1 / n1 + v2 / n2)
        df = se**4 / ((v1 / n1) ** 2 / (n1 - 1) + (v2 / n2) ** 2 / (n2 - 1))
    more = {"adjusted": "randomised", "time": time}
    if study.often(0.6):
        more["p_value"] = p_text(study.rng, t_p(off / se, df))
    half = special.stdtrit(df, 0.975) * se
    if study.often(0.7):
        ends = {"ci_low": round(off - half, 1), "ci_high": round(off + half, 1)}
        value = round(a.mean(), 1) - round(b.mean(), 1)
        value = round(value, 1) if study.often(0.5) else round(off, 1)
        if ends["ci_low"] <= value <= ends["ci_high"]:
            pair = "local/control"
            study.add("score", pair, "mean-difference", value, unit="points", **more, **ends)
    if study.often(0.2):
        smd = round(off / sqrt(pooled), 2)
        more.pop("p_value", None)
        study.add("score", "local/control", "standardised-mean-difference", smd, **more)


def medians(study):
    """Skewed lengths of stay: median, quartiles, range."""
    rng = study.rng
    sizes = study.sizes(10)
    for arm, n in sizes.items():
        v = np.round(rng.lognormal(rng.uniform(1.2, 2.2), 0.6, n), 1)
        q = np.quantile(v, [0, 0.25, 0.5, 0.75, 1])
        names = ("minimum", "q1", "median", "q3", "maximum")
        keep = names[1:4] if study.often(0.6) else names
        for name, value in zip(names, q, strict=True):
            if name in keep:
                study.add("stay", arm, name, round(float(value), 1), n=n)
        if study.often(0.3):
            study.add("stay", arm, "mean", round(float(v.mean()), 1), n=n)
            study.add("stay", arm, "sd", round(float(v.std(ddof=1)), 1), n=n)


def rates(study):
    rng = study.rng
    sizes = study.sizes(20)
    for arm, n in sizes.items():
        months = rng.uniform(3, 36, n)
        total = round(float(months.sum()))
        count = int(min(rng.poisson(total * 0.01), n))
        if not count:
            continue
        study.add("falls", arm, "events", count, n=n)
        study.add("falls", arm, "person-time", total, unit="months")
        if study.often():
            study.add("falls", arm, "rate", float(f"{count / total:.3g}"))
        if study.often(0.5):
            study.add("falls", arm, "maximum-followup", round(float(months.max()), 1))


def adjusted(study):
    """A series with a crude and an adjusted hazard ratio, the latter off by its covariates."""
    survival(study)
    crude = [r for r in study.rows if r["statistic"] == "hazard-ratio"]
    for r in crude:
        r["adjusted"] = "no"
        shift = exp(study.rng.normal(0, 0.2))
        new = dict(r) | {"adjusted": "multivariable", "p_value": ""}
        for column in ("value", "ci_low", "ci_high"):
            new[column] = round(r[column] * shift, 2)
        if np.isnan(new["ci_low"]) or new["ci_low"] > 0.05:
            study.rows.append(new)
    if study.often(0.4):
        binary(study)


def mixed(study):
    """Survival, response and a score of the same patients."""
    survival(study)
    binary(study)
    means(study)


MAKERS = {
    "survival": survival,
    "binary": binary,
    "means": means,
    "medians": medians,
    "one arm, survival": lambda study: survival(study, ("local",)),
    "one arm, share": lambda study: binary(study, ("local",)),
    "rates": rates,
    "adjusted": adjusted,
    "mixed": mixed,
}
KINDS = tuple(MAKERS)


MAKERS["nothing"] = lambda study: None  # to be filled by who asks for it
