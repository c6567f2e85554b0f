"""How long it takes to say what moved an estimate, and how exactly the shares add up.

`python benchmarks/attribution.py`: made-up reviews of odds ratios, a release of some studies and
an update with more, compared as `compare` does. Up to 12 changes every one of the 4,096 mixtures
is pooled; beyond that 400 orders are walked.
"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "living"))

from livingmeta.living import changes
from states import make, protocol

CASES = ((5, 3), (5, 12), (40, 12), (100, 12), (40, 40))  # studies of the release, new ones


def main():
    print("| studies before | new | shares | processor time | sum minus change |")
    print("|---|---|---|---|---|")
    for before, new in CASES:
        rng = np.random.default_rng(before + new)
        drug, none = rng.integers(3, 30, before + new), rng.integers(3, 40, before + new)
        counts = [(int(a), 60, int(b), 60) for a, b in zip(drug, none, strict=True)]
        trials = {f"trial-{i}": row for i, row in enumerate(counts)}
        release = make(dict(list(trials.items())[:before]))
        update = make(trials, protocol("2.0"))
        start = time.process_time()
        found, _ = changes.compare(release, update)
        spent = time.process_time() - start
        told = found["syntheses"][0]["attribution"]
        off = sum(part["share"] for part in told["parts"]) - told["total"]
        print(f"| {before} | {new} | {told['method']} | {spent:.2f} s | {off:.1e} |")


if __name__ == "__main__":
    main()
