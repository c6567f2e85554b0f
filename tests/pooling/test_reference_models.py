"""Every pinned number of the deeper models, one test a source (tests/metafor/quantities_models)."""

import pytest

from metafor.quantities import BARS
from metafor.quantities_models import SOURCES


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_reference(source):
    found = list(source())
    off = [c for c in found if c.difference > BARS[c.kind]]
    lines = [f"{c.group} {c.quantity} {c.data_set}: {c.difference:.1e} ({c.kind})" for c in off]
    assert found
    assert not off, "\n".join(lines)
