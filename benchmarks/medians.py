"""How well the routes to a median survival time know their own error: docs/survival.md.

python benchmarks/medians.py [TRIALS]
"""

import sys
from math import log

import numpy as np
from survival import individual, simulate


def medians(trials=6000):
    """Medians of exponential cohorts (median 12) from a printed interval and from deaths.

    The ratio of the mean estimated standard error to the true one, and the share of 95% intervals
    that hold the median, on the log and on the plain scale.
    """
    print("| n | usable | M1, log scale | M1, plain scale | M3, deaths |\n|---|---|---|---|---|")
    for n in (20, 40, 100, 300):
        rng = np.random.default_rng(n)
        kept = []
        for _ in range(trials):
            data = simulate(rng, n)[1]
            row = (*individual.median(data), data["event"].sum())
            if np.isfinite(row).all():
                kept.append(row)
        value, low, high, deaths = np.array(kept).T
        ways = (
            (np.log(value), np.log(high / low) / 3.919928, log(12)),
            (value, (high - low) / 3.919928, 12),
            (np.log(value), 1 / (np.sqrt(deaths) * log(2)), log(12)),
        )
        cells = []
        for estimate, se, truth in ways:
            covered = np.abs(estimate - truth) <= 1.959964 * se
            cells.append(f"{se.mean() / estimate.std():.2f}, {covered.mean():.1%}")
        print(f"| {n} | {len(kept) / trials:.1%} | {' | '.join(cells)} |")


if __name__ == "__main__":
    medians(*map(int, sys.argv[1:]))
