"""What is said to have been added to the cells of a table is what was."""

import pytest

from livingmeta.effects.candidate import USUAL, added, computed

NONE, ALL = USUAL._replace(to="none"), USUAL._replace(to="all")


@pytest.mark.parametrize(
    ("measure", "cells", "by", "said"),
    [
        ("AS", (30, 0, 30, 0), USUAL, ""),
        ("AS", (30, 0, 25, 5), USUAL, ""),
        ("PETO", (0, 30, 5, 25), USUAL, ""),
        ("PETO", (5, 25, 5, 25), ALL, ""),
        ("RD", (30, 0, 30, 0), USUAL, "a half added to every cell because one is zero"),
        ("RR", (30, 0, 25, 5), USUAL, "a half added to every cell because one is zero"),
        ("OR", (0, 30, 5, 25), USUAL, "a half added to every cell because one is zero"),
        ("OR", (5, 25, 9, 21), USUAL, ""),
        ("OR", (5, 25, 5, 25), ALL, "a half added to every cell"),
        ("OR", (5, 25, 9, 21), NONE, ""),
    ],
)
def test_what_was_added_is_said(measure, cells, by, said):
    counts = dict(zip(("ai", "bi", "ci", "di"), cells, strict=True))
    effect = computed(measure, by, **counts)
    assert added(measure, effect.yi, by, tuple(counts), "every cell", **counts) == said
