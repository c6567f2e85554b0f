"""Effect sizes and models against metafor, over published data sets (tests/metafor/README.md)."""

from collections import defaultdict

import pytest

from metafor import quantities


@pytest.fixture(scope="module")
def found():
    by_group = defaultdict(list)
    for source in quantities.SOURCES:
        for comparison in source():
            by_group[comparison.group].append(comparison)
    return by_group


def test_at_least_forty_published_data_sets():
    assert len({s["source"] for s in quantities.data_sets().values()}) >= 40


@pytest.mark.parametrize(
    ("group", "least"),
    [
        ("effect sizes", 500),
        ("models", 5000),
        ("meta-regression", 2000),
        ("leave-one-out", 100),
        ("counts", 500),
    ],
)
def test_every_quantity_is_within_its_bar(found, group, least):
    assert len(found[group]) >= least
    off = [
        f"{c.quantity} in {c.data_set}: {c.ours} against {c.reference} ({c.difference:.1e})"
        for c in found[group]
        if not c.difference <= quantities.BARS[c.kind]
    ]
    assert not off, "\n".join(off[:20])
