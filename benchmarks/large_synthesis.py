"""Processor time to pool one synthesis of very many studies, part by part.

    python benchmarks/large_synthesis.py [studies ...]
    python benchmarks/large_synthesis.py every [studies ...]

Odds ratios from made-up counts of two arms, with one subgroup and one moderator: everything the
rule `pool` does with them. docs/scale.md has the table. `every`: with every method that a protocol
may ask for, of 50 studies, whose bar is 3 s (docs/performance.md).
"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))

from livingmeta import plan, protocol, tables
from livingmeta.analyses import CLUSTERED
from livingmeta.formulas.measures import effect_size
from livingmeta.pooling import absolute_effects, synthesis

ASKED = {
    "title": "made up", "outcome": "event", "measure": "OR", "arms": ["one", "other"],
    "sensitivity": [{"tau2": "DL", "interval": "wald"}],
    "subgroups": ["site"], "moderators": ["year"],
}  # fmt: skip


def every_method() -> list[dict[str, str]]:
    """Each method and each tau² with each interval of the protocol's schema, as `sensitivity`."""
    parts = yaml.safe_load(protocol.SCHEMA.read_text(encoding="utf-8"))["$defs"]
    model, others = (parts[part]["properties"] for part in ("model", "method"))
    found = [
        {"tau2": tau2, "interval": interval}
        for tau2 in model["tau2"]["enum"]
        for interval in model["interval"]["enum"]
    ]
    found += [{"method": method} for method in others["method"]["enum"]]
    return [one | {"cluster": "site"} if one.get("method") in CLUSTERED else one for one in found]


def effects(k: int, seed: int = 1) -> pd.DataFrame:
    """Effects of k made-up studies in the columns of effects.csv, log odds ratios around -0.2."""
    rng = np.random.default_rng(seed)
    n1, n2 = rng.integers(20, 200, (2, k))
    p2 = rng.uniform(0.2, 0.5, k)
    odds = np.exp(np.log(p2 / (1 - p2)) - 0.2 + 0.3 * rng.standard_normal(k))
    a, c = rng.binomial(n1, odds / (1 + odds)), rng.binomial(n2, p2)
    cells = {"ai": a, "bi": n1 - a, "ci": c, "di": n2 - c}
    yi, vi = effect_size("OR", **cells)
    found = pd.DataFrame(
        {"synthesis": "s", "study_id": [f"study {i}" for i in range(k)], "measure": "OR"}
        | {"yi": yi, "vi": vi, "n": n1 + n2, "events": a + c, "route": "C", **cells}
        | {"year": rng.integers(1990, 2026, k), "site": rng.choice(list("abc"), k)}
    )
    missing = [name for name in tables.columns("effects/effects") if name not in found]
    return found.assign(**dict.fromkeys(missing, pd.NA))


def main(sizes: list[int], every: bool = False) -> None:
    """Print a row a size."""
    print("| studies | pooled | on other scales | together |\n|---|---|---|---|")
    effects(10)
    given = ASKED | {"sensitivity": every_method()} if every else ASKED
    asked = plan.syntheses(protocol.with_defaults({"syntheses": {"s": given}})["syntheses"])["s"]
    for k in sizes:
        rows = effects(k)
        start = time.process_time()
        pooled = synthesis.pool(rows, "s", asked)["pooled"]
        middle = time.process_time()
        outcomes = {"event": plan.Outcome.of({"kind": "binary"})}
        nobody = tables.empty("extraction/individual")
        absolute_effects.absolute_effects(pooled, rows, {"s": asked}, outcomes, {}, nobody)
        end = time.process_time()
        print(f"| {k} | {middle - start:.1f} s | {end - middle:.1f} s | {end - start:.1f} s |")


if __name__ == "__main__":
    every = sys.argv[1:2] == ["every"]
    sizes = [int(size) for size in sys.argv[1 + every :]]
    main(sizes or ([50] if every else [100, 500, 2000]), every)
