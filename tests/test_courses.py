"""Syntheses of measure SURV in the protocol: set apart, and refused what a curve cannot give."""

import copy

import pytest

from livingmeta import plan, protocol
from livingmeta.pooling.course import model_of

GOOD = {
    "review": {
        "title": "t",
        "question": {"population": "p", "intervention": "i", "comparator": "c", "outcomes": "o"},
    },
    "screening": {"reviewers": 1},
    "arms": {"a": {"label": "A"}, "b": {"label": "B"}},
    "outcomes": {
        "os": {"label": "OS", "kind": "survival"},
        "pain": {"label": "P", "kind": "binary"},
    },
    "syntheses": {
        "point": {"title": "At 12", "outcome": "os", "measure": "PLO", "arms": ["a"], "time": 12},
        "curve": {"title": "Curve", "outcome": "os", "measure": "SURV", "arms": ["a"]},
    },
}


def asked(**more):
    given = copy.deepcopy(GOOD)
    given["syntheses"]["curve"] |= more
    return given


def test_a_curve_stands_apart_from_the_syntheses_of_one_effect_a_study():
    full = protocol.complete(asked(time=24))
    assert list(full["syntheses"]) == ["point"]
    assert list(full["courses"]) == ["curve"]
    assert full["courses"]["curve"]["time"] == 24
    assert list(plan.Protocol.of(full).courses) == ["curve"]


def test_completing_twice_changes_nothing():
    once = protocol.complete(asked())
    assert protocol.complete(copy.deepcopy(once)) == once


@pytest.mark.parametrize(
    ("model", "result"),
    [("auto", "random"), ({"tau2": "DL"}, "random"), ({"tau2": "FE"}, "common")],
)
def test_the_model_that_is_the_result(model, result):
    full = protocol.complete(asked(model=model))
    assert model_of(plan.syntheses(full["courses"])["curve"]) == result


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"arms": ["a", "b"]}, "syntheses.curve: measure SURV needs 1 arm, and arms names 2"),
        ({"arms": ["c"]}, "syntheses.curve.arms: 'c' is not defined; the protocol has a, b"),
        ({"outcome": "pain"}, "the outcome pain is of kind binary; it must be survival"),
        ({"outcome": "pfs"}, "syntheses.curve.outcome: 'pfs' is not defined"),
        ({"subgroups": ["year"]}, "syntheses.curve.subgroups: a survival curve (SURV) has none"),
        ({"thresholds": [0.5]}, "remove thresholds"),
        ({"narrative": True}, "remove narrative"),
        ({"sensitivity": [{"tau2": "DL"}]}, "remove sensitivity"),
        ({"include": {"grade": ["exact"]}}, "include.grade: a survival curve (SURV) has no grade"),
        ({"model": {"tau2": "REML"}}, "pooled by {tau2: DL} or {tau2: FE}"),
        ({"model": {"tau2": "DL", "interval": "hksj"}}, "with a wald interval"),
    ],
)
def test_what_a_curve_cannot_give_is_refused(more, says):
    with pytest.raises(protocol.ProtocolError) as caught:
        protocol.complete(asked(**more))
    assert len(caught.value.problems) == 1
    assert says in str(caught.value)
