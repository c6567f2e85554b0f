"""How the rules for subgroups and rare events, and tests for small-study effects, keep their word.

    PYTHONPATH=workflow/scripts python benchmarks/coverage_of_rules.py [repetitions]

Writes the end of docs/coverage.md, below the line that `coverage.py` leaves alone. Intervals are
to hold the truth in 95% of meta-analyses, tests to see something in 5% of those in which there is
nothing to see.
"""

import sys
from pathlib import Path

import numpy as np

from livingmeta.formulas.measures import effect_size
from livingmeta.pooling import guards
from livingmeta.pooling.bias.small_study import egger
from livingmeta.pooling.engines.counts import mantel_haenszel, peto
from livingmeta.pooling.engines.glmm import fit_two_arm
from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.engines.models import fit, predicted
from livingmeta.pooling.subgroups import between, dummies, means

PAGE = Path(__file__).parents[1] / "docs" / "coverage.md"
MARK = "<!-- written by benchmarks/coverage_of_rules.py -->"
SIZES = ((2, 3), (3, 4), (4, 8), (2, 2, 2, 4))
TRUTH = 0.3


def subgroups_table(rng, times):
    """Level of the test between subgroups that do not differ, and coverage of their means."""
    rows = [
        "| studies in each | tau² | one tau², test | own tau², test | one tau², means |",
        "|---|---|---|---|---|",
    ]
    for sizes in SIZES:
        groups = np.repeat([str(i) for i in range(len(sizes))], sizes)
        names = sorted(set(groups))
        for tau2 in (0.0, 0.1, 0.5):
            seen, own, held = 0, 0, 0
            for _ in range(times):
                v = np.exp(rng.uniform(np.log(0.02), np.log(0.5), groups.size))
                y = TRUTH + rng.normal(size=groups.size) * np.sqrt(v + tau2)
                model = guards.choose(groups.size, fit(y, v).tau2)
                x, at = dummies(groups, names), dummies(np.array(names), names)
                f = fit(y, v, interval=model.interval, moderators=x)
                seen += f.qm_p < 0.05
                fits = [fit(y[groups == name], v[groups == name]) for name in names]
                apart = between([one.estimate for one in fits], [one.se for one in fits])
                own += apart.p_value < 0.05
                found = means(v, groups, names, predicted(f, at), f.tau2)
                held += np.mean([m["ci_low"] <= TRUTH <= m["ci_high"] for m in found])
            shares = [f"{100 * x / times:.1f}" for x in (seen, own, held)]
            rows.append(f"| {', '.join(map(str, sizes))} | {tau2:g} | {' | '.join(shares)} |")
    return rows


def rare_table(rng, times):
    """Coverage and bias of the log odds ratio by the rail, and by REML with halves beside it."""
    rows = [
        "| k | events without treatment | odds ratio | tau² | pooled | the rail | Peto |"
        " REML, guarded | bias, rail | bias, REML |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for k in (5, 10):
        for risk in (0.01, 0.03):
            for ratio in (1.0, 0.5):
                for tau2 in (0.0, 0.4):
                    rows.append(_rare(rng, times, k, risk, ratio, tau2))
    return rows


def _rare(rng, times, k, risk, ratio, tau2):
    truth = np.log(ratio)
    held = {"rail": [], "peto": [], "reml": []}
    off = {"rail": [], "reml": []}
    for _ in range(times):
        n = np.exp(rng.uniform(np.log(50), np.log(400), k)).astype(int).astype(float)
        log_odds = np.log(risk / (1 - risk)) + truth + rng.normal(size=k) * np.sqrt(tau2)
        a = rng.binomial(n.astype(int), 1 / (1 + np.exp(-log_odds))).astype(float)
        c = rng.binomial(n.astype(int), risk, k).astype(float)
        use = a + c > 0
        cells = [x[use] for x in (a, n - a, c, n - c)]
        if use.sum() < 2:
            continue
        y, v = effect_size("OR", **dict(zip(("ai", "bi", "ci", "di"), cells, strict=True)))
        plain = fit(y, v, interval="hksj-guarded")
        try:
            of_peto = peto(*cells)
            result = mantel_haenszel(*cells)
            model = fit_two_arm(cells[0], cells[0] + cells[1], cells[2], cells[2] + cells[3])
            result = model if model.tau2 > 0 else result
        except PoolingError:
            if not (cells[0].sum() and cells[2].sum()):
                result = of_peto
        for name, one in (("rail", result), ("peto", of_peto), ("reml", plain)):
            held[name].append(one.ci_low <= truth <= one.ci_high)
        off["rail"].append(result.estimate - truth)
        off["reml"].append(plain.estimate - truth)
    shares = [f"{100 * np.mean(held[name]):.1f}" for name in ("rail", "peto", "reml")]
    biases = [f"{np.median(off[name]):+.2f}" for name in ("rail", "reml")]
    done = 100 * len(held["rail"]) / times
    head = f"| {k} | {100 * risk:g}% | {ratio:g} | {tau2:g} | {done:.0f}% |"
    return f"{head} {' | '.join([*shares, *biases])} |"


def small_table(rng, times):
    """Level of Egger's test of standardised mean differences without small-study effects."""
    rows = [
        "| k | true difference | on the standard error | on the root of 1/n1 + 1/n2 |",
        "|---|---|---|---|",
    ]
    for k in (10, 20, 40):
        for true in (0.0, 1.0, 2.0):
            seen = np.zeros(2)
            for _ in range(times):
                n = np.exp(rng.uniform(np.log(8), np.log(60), k)).astype(int)
                noise = rng.normal(size=k) * np.sqrt(2 / n)
                # Both SDs by their chi-squared, which is what ties the error to the effect.
                sd = np.sqrt(rng.chisquare(2 * n - 2) / (2 * n - 2))
                zero, one = np.zeros(k), np.ones(k)
                g, v = effect_size(
                    "SMD", m1i=true + noise, m2i=zero, sd1i=sd * one, sd2i=sd * one, n1i=n, n2i=n
                )
                size = v - g**2 / (2 * 2 * n)
                seen += [egger(g, v).p_value < 0.05, egger(g, size).p_value < 0.05]
            shares = " | ".join(f"{100 * x / times:.1f}" for x in seen)
            rows.append(f"| {k} | {true:g} | {shares} |")
    return rows


SUBGROUPS = (
    "meta-analyses a row, in which the subgroups do not differ, with variances from 0.02 to 0.5:"
    " how often a test at 5% sees a difference, in percent, under one tau² with the interval of the"
    " result (which is what is done where a subgroup has fewer than five studies), and with a tau²"
    " for each subgroup; and how often the subgroups' intervals hold the truth."
)
RARE = (
    "meta-analyses a row of trials with 50 to 400 patients an arm. The rail: Mantel-Haenszel"
    " without correction; the binomial-normal model where its tau² is above 0; Peto where one"
    " arm has no event at all. Trials without an event are left out. Percent of 95% intervals that"
    " hold the true log odds ratio, and the median error of the estimate; `pooled`: where two"
    " trials or more saw an event. Where the studies differ, so few events seldom show it: the rail"
    " then covers too little, though more than Peto's method, and REML stands beside it."
)
SMALL = (
    "meta-analyses a row without small-study effects, 8 to 60 patients an arm: how often"
    " Egger's test at 5% sees some, in percent, on the standard error, which hangs on it,"
    " and on what the numbers of patients alone give (Pustejovsky & Rodgers 2019), as is done here."
)


def page(times):
    """The end of docs/coverage.md."""
    rng = np.random.default_rng(20)
    few = max(times // 5, 50)
    parts = [
        ("Subgroups", times, SUBGROUPS, subgroups_table),
        ("Rare events", few, RARE, rare_table),
        ("Egger's test of standardised mean differences", times, SMALL, small_table),
    ]
    lines = [MARK, "", "Written by `python benchmarks/coverage_of_rules.py`; do not edit.", ""]
    for title, many, said, table in parts:
        lines += [f"## {title}", "", f"{many:,} {said}", "", *table(rng, many), ""]
        print(title, flush=True)
    return "\n".join(lines)


if __name__ == "__main__":
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    before = PAGE.read_text(encoding="utf-8").partition(MARK)[0].rstrip()
    PAGE.write_text(f"{before}\n\n{page(times)}", encoding="utf-8")
