"""Studies in which nobody, or everybody, had the event: in the forest plot, without an effect."""

import pytest
from test_figures import check_layout, texts

import asking
from livingmeta import tables
from livingmeta.figures import forest
from livingmeta.pooling import synthesis
from printed_trials import events, harmonised

TRIALS = [(0, 60, 0, 58), (3, 50, 6, 52), (41, 41, 39, 39), (4, 80, 9, 83), (2, 30, 5, 33)]


def drawn(trials, **keys):
    k = len(trials)
    traits = {"label": [f"Trial {i + 1}" for i in range(k)], "year": [2000] * k}
    traits["site"] = [["lung", "bone", "skin"][i % 3] for i in range(k)]
    effects, unusable, asked = harmonised(events(trials), "OR", traits, title="Harm", **keys)
    empty = unusable[unusable["empty"].astype(bool)]
    found = synthesis.pool(effects, "s", asked, empty)
    return forest.draw(
        *(effects, found["pooled"], found["moderators"], asked),
        arms=asking.arms(drug="Drug", placebo="Placebo"),
        outcome=asking.outcome(label="Harm", kind="binary", good="lower"),
        used=tables.empty("effects/used"),
        empty=empty,
    )


@pytest.mark.parametrize("subgroups", [[], ["site"]])
def test_each_is_a_row_with_its_counts_and_no_square(subgroups):
    found = drawn(TRIALS, subgroups=subgroups)
    check_layout("forest", found.svg)
    words = [line["words"] for line in texts(found.svg)]
    assert {"Trial 1", "0/60", "0/58", "Trial 3", "41/41", "39/39"} <= set(words)
    # One at each of the two rows, and a heading of their own where studies stand in subgroups.
    assert words.count("Not estimable") == 2 + bool(subgroups)
    assert any(line.startswith("Not estimable: nobody") for line in words)


def test_nothing_is_said_of_them_where_there_are_none():
    found = drawn([TRIALS[1], TRIALS[3]])
    assert not [line for line in texts(found.svg) if "Not estimable" in line["words"]]
