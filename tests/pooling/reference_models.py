"""The pinned reference of the deeper models (tests/metafor/reference_models.R) and how near we are.

`agree` asserts and remembers nothing; the tolerances are those of tests/metafor/README.md.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np

CLOSED, ITERATIVE, INTEGRATED = 1e-10, 1e-8, 1e-5
PATH = Path(__file__).parents[1] / "metafor" / "reference_models.json"


@cache
def reference():
    """The whole reference, a dict by kind of model."""
    return json.loads(PATH.read_text(encoding="utf-8"))


def effects(name):
    """yi and vi of one data set."""
    part = reference()["sets"][name]
    return np.array(part["yi"], float), np.array(part["vi"], float)


def cells(name):
    """ai, bi, ci and di of one data set of counts."""
    rows = reference()["counts"][name]
    return [np.array([row[c] for row in rows], float) for c in ("ai", "bi", "ci", "di")]


def numbers(values):
    """A float or array of what the reference holds; missing is nan."""
    if isinstance(values, list):
        return np.array([np.nan if x is None else x for x in values], float)
    return np.nan if values is None else float(values)


def agree(ours, theirs, tolerance, what=""):
    """Largest difference, relative to the larger of the value and 1, is within the tolerance."""
    ours, theirs = np.asarray(ours, float), np.asarray(numbers(theirs), float)
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs), err_msg=what)
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance, err_msg=what)
