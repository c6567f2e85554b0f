"""What the stopping statement costs, and whether it holds, for each target and confidence.

`python benchmarks/stopping.py` makes up reviews of 1,000 records, of which 20, 100 or 300 are
relevant, in orders of reading from chance to good, and asks after every fiftieth part whether
reading may stop. Printed for each target of recall and each confidence: the share of records read
when it first says so, the share of runs in which the target had been reached then (the mean, and
that of the worst kind of review), and the lowest recall. Asking often is harder than asking once,
for which alone the confidence is stated.
"""

import argparse
import sys
from itertools import product
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from livingmeta.screening import stopping

RECORDS, RELEVANT, STEP = 1000, (20, 100, 300), 20
GAINS = (0.0, 0.5, 1.0, 2.0, 3.0)  # how far relevant ones stand out, in standard deviations


def order(relevant: int, gain: float, rng: np.random.Generator) -> np.ndarray:
    """Whether each record is relevant, in the order of reading."""
    truth = np.arange(RECORDS) < relevant
    return truth[np.argsort(-(gain * truth + rng.normal(size=RECORDS)), kind="stable")]


def stops(kept: np.ndarray, recall: float, confidence: float) -> tuple[float, float]:
    """The share read when it first says that reading may stop, and the recall reached then."""
    for read in range(STEP, len(kept), STEP):
        said = stopping.statement(
            kept[:read].tolist(), len(kept) - read, recall=recall, confidence=confidence
        )
        if said["enough"]:
            return read / len(kept), float(kept[:read].sum() / kept.sum())
    return 1.0, 1.0


def main() -> None:
    """Print a table with one target and confidence a row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    runs = parser.parse_args().runs
    print("| recall | confidence | read | held | held, worst kind | worst kind | lowest recall |")
    print("|---" * 7 + "|")
    for recall, confidence in product(stopping.RECALLS, stopping.CONFIDENCES):
        found = {}
        for kind in product(RELEVANT, GAINS):
            rng = np.random.default_rng(7)
            found[kind] = np.array(
                [stops(order(*kind, rng), recall, confidence) for _ in range(runs)]
            )
        held = {kind: float((of[:, 1] >= recall).mean()) for kind, of in found.items()}
        worst = min(held, key=lambda kind: held[kind])
        every = np.concatenate(list(found.values()))
        print(
            f"| {recall:.0%} | {confidence:.0%} | {every[:, 0].mean():.1%} "
            f"| {np.mean(list(held.values())):.1%} | {held[worst]:.1%} "
            f"| {worst[0]} relevant, gain {worst[1]:g} | {every[:, 1].min():.1%} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
