"""Which designs say of themselves that their arms were drawn by lot."""

import pytest

from livingmeta.extraction.randomised import says_by_lot


@pytest.mark.parametrize(
    "design",
    [
        *("Randomised trial", "RCT", "Prospective randomised trial", "open-label RCT", "pilot RCT"),
        *("multicentre randomized controlled trial", "Phase 3 randomised trial", "crossover RCT"),
        *("double-blind, randomised, placebo-controlled trial", "parallel-group RCT", "RKS"),
        *(
            "stepped-wedge cluster randomised trial",
            "cluster-randomised trial",
            "Random allocation",
        ),
    ],
)
def test_a_design_drawn_by_lot_says_so_in_any_order_of_words(design):
    assert says_by_lot(design)


@pytest.mark.parametrize(
    "design",
    [
        *(
            "non-randomised trial",
            "Nonrandomized study",
            "not randomised",
            "quasi-randomised trial",
        ),
        *("non-RCT", "cohort nested in a randomised trial", "matched cohort", "", "single-arm"),
        *("post hoc analysis of an RCT", "Mendelian randomisation", "trial without randomisation"),
        *("prospective cohort, random sample", "one arm of a randomised trial"),
    ],
)
def test_one_that_was_not_does_not(design):
    assert not says_by_lot(design)
