"""The example reviews give the answers that are known of them, each by its own kind of outcome.

`examples/bcg`, events in two arms, is tried in test_workflow.py.
"""

import csv

import pytest
import yaml

from running import ROOT, review, run

EXAMPLES = sorted(path.parts[-3] for path in ROOT.glob("examples/*/config/config.yaml"))
# By review: synthesis, model, subgroup, and the answer on the analysis or on the printed scale.
# As metafor has them (tests/metafor/core.json); the hazard ratios as printed in Lancet 355:949.
KNOWN = {
    "stroke-units": [
        ("stay-md", "REML wald", "", {"k": 9, "estimate": -15.106, "se": 8.9466, "tau2": 684.65}),
        ("stay-md", "FE wald", "", {"k": 9, "estimate": -3.4636, "se": 0.7648, "q": 238.92}),
    ],
    "vasospasm": [
        (
            "improved-plo",
            "REML wald",
            "",
            {"k": 14, "estimate": 1.1389, "se": 0.2415, "tau2": 0.3646},
        ),
        ("improved-plo", "FE wald", "", {"k": 14, "estimate": 0.9413, "se": 0.1356}),
    ],
    "head-and-neck": [
        (
            "death-hr",
            "FE wald",
            "",
            {"k": 65, "display_estimate": 0.90, "display_ci_low": 0.85, "display_ci_high": 0.94},
        ),
        (
            "death-hr",
            "FE wald",
            "timing=concomitant",
            {"k": 26, "display_estimate": 0.81, "display_ci_low": 0.76, "display_ci_high": 0.88},
        ),
    ],
}


@pytest.mark.heavy
@pytest.mark.parametrize("name", KNOWN)
def test_an_example_gives_the_answer_that_is_known_of_it(tmp_path, name):
    folder = review(tmp_path / "review", ROOT / "examples" / name)
    run(ROOT, folder, "pool")
    with open(folder / "results/pooling/pooled.csv", encoding="utf-8", newline="") as file:
        pooled = {(r["synthesis"], r["model"], r["subgroup"]): r for r in csv.DictReader(file)}
    for synthesis, model, subgroup, answer in KNOWN[name]:
        found = pooled[synthesis, model, subgroup]
        for column, value in answer.items():
            digits = _digits(value)
            assert round(float(found[column]), digits) == value, (synthesis, model, column)


def _digits(value: float) -> int:
    """Decimals of a value as written; a hazard ratio of 0.90 is printed with two."""
    return max(2, len(str(value).partition(".")[2]))


def test_every_example_has_a_known_answer_and_the_commonest_kinds_are_there():
    assert {"bcg", *KNOWN} == set(EXAMPLES)
    kinds = set()
    for name in EXAMPLES:
        protocol = yaml.safe_load((ROOT / "examples" / name / "config/config.yaml").read_text())
        kinds |= {outcome["kind"] for outcome in protocol["outcomes"].values()}
    assert kinds == {"binary", "continuous", "survival"}
