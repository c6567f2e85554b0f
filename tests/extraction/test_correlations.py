"""The p of a correlation follows from it and from the number of patients."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from livingmeta.extraction.checks.run import check


def raised(*rows):
    """`rows`: (correlation, n, p)."""
    table = pd.DataFrame(rows, columns=["value", "n", "p_value"])
    table = table.assign(study_id=[f"s{i}" for i in range(len(table))], ci_level=95.0, time=6.0)
    table = table.assign(outcome="pain", arm="all", statistic="correlation")
    table["row"] = range(2, len(table) + 2)
    found = check(table, pd.DataFrame({"study_id": table["study_id"]}))
    return found[found["check"] == "p against correlation"]["row"].tolist()


@pytest.mark.parametrize(
    ("r", "n", "p", "told"),
    [
        (0.5, 30, "0.9", True),
        (0.5, 30, "0.005", False),
        (-0.52, 30, "0.003", False),
        (0.5, 30, "<0.001", False),  # 0.55 has 0.0016, and ranks may say more
        (0.1, 30, "<0.001", True),
        (0.9, 30, "<0.0001", False),
        (0.62, 100, "0.04", True),
        (0.3, 30, ">0.05", False),
        (0.8, 30, "NS", True),
        (0.5, None, "0.9", False),
        (1.0, 30, "0.9", False),
    ],
)
def test_a_p_is_held_to_its_correlation(r, n, p, told):
    assert raised((r, n, p)) == ([2] if told else [])


def test_correlations_as_papers_print_them_are_not_raised():
    """Pearson and Spearman of 8 to 300 patients, rounded to two digits, p to three."""
    rows = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        n = int(rng.choice([8, 20, 60, 300]))
        x = rng.normal(size=n)
        y = rng.uniform(-1, 1) * x + rng.normal(size=n)
        of = stats.spearmanr if seed % 2 else stats.pearsonr
        r, p = of(x, y)
        rows.append((round(float(r), 2), n, "<0.001" if p < 0.001 else f"{p:.3f}"))
    assert raised(*rows) == []
