"""Numbers of a protocol that no result of their measure can be, each refused by name."""

import copy

import pytest
import yaml

from livingmeta import protocol
from running import SMALL

GOOD = yaml.safe_load((SMALL / "config" / "config.yaml").read_text())
PRINTED = {"synthesis": "fever-or", "label": "OR", "estimate": 0.5, "ci_low": 0.1, "ci_high": 2}


def written(measure="OR", earlier=(), **more):
    found = copy.deepcopy(GOOD)
    found["syntheses"]["fever-or"].update(measure=measure, **more)
    found["published"] = {"citation": "Doe 2020", "results": list(earlier)}
    return found


@pytest.mark.parametrize(
    ("protocol_", "said"),
    [
        (written("RD", thresholds=[-5]), "fever-or.thresholds: -5; it lies between -1 and 1"),
        (written("RD", information_size={"difference": -10}), "-10; it lies between -1 and 1"),
        (written(earlier=[PRINTED | {"estimate": -0.35}]), "1, estimate: -0.35; a ratio is above"),
        (written(earlier=[PRINTED | {"ci_low": 8}]), "results: 1: ci_low 8 is above ci_high 2"),
        (written("RD", [PRINTED]), "1, ci_high: 2; it lies between -1 and 1, so 5% is 0.05"),
    ],
)
def test_a_number_that_no_result_can_be_is_refused(protocol_, said):
    with pytest.raises(protocol.ProtocolError, match=said):
        protocol.complete(protocol_)


def test_what_a_result_can_be_stands():
    for given in (
        written(earlier=[PRINTED, PRINTED | {"label": "Rounded", "ci_low": 0.0}]),
        written("RD", [PRINTED | {"estimate": -12, "ci_low": -30, "ci_high": 2, "unit": "%"}]),
        written("RD", thresholds=[-0.05], information_size={"difference": -0.1}),
    ):
        assert protocol.complete(given)["syntheses"]
