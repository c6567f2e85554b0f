"""Against SciPy, digit for digit: a stage that does without its import gives the same numbers."""

import numpy as np
import pytest
from scipy import special as scipys

from livingmeta.formulas import deletion_bounds, special

rng = np.random.default_rng(8)
SHARES = np.concatenate(
    [
        rng.random(5000),
        10.0 ** -rng.uniform(0, 300, 2000),
        1 - 10.0 ** -rng.uniform(0, 16, 2000),
        [0.0, 0.3, 0.5, 0.65, 0.975, 1.0, -0.1, 1.1, np.nan],
    ]
)
ANYTHING = np.concatenate(
    [rng.normal(0, 3, 5000), rng.uniform(-800, 800, 5000), [0.0, -709.5, -745.0, np.inf, np.nan]]
)


@pytest.mark.parametrize(
    ("name", "values"), [("ndtri", SHARES), ("logit", SHARES), ("expit", ANYTHING)]
)
def test_as_scipy(name, values):
    ours = np.concatenate(
        [getattr(special, name)(part) for part in np.array_split(values, len(values) // 500)]
    )
    theirs = getattr(scipys, name)(values)
    # Another compiler may round a last digit elsewhere; so far none does.
    np.testing.assert_array_max_ulp(ours, theirs, maxulp=2)
    assert np.mean((ours == theirs) | np.isnan(theirs)) > 0.9


def test_shapes_stay():
    assert isinstance(special.ndtri(0.975), float)
    assert special.expit(np.zeros((2, 3))).shape == (2, 3)
    assert special.logit([]).shape == (0,)
    assert special.expit(np.zeros(special.MANY + 1)).tolist() == [0.5] * (special.MANY + 1)


def test_the_median_of_chi_squared_that_stands_written_down():
    assert pytest.approx(scipys.chdtri(1, 0.5), rel=1e-15) == deletion_bounds.MEDIAN_OF_ONE
    assert deletion_bounds.bounds(9, 2)["cooks_distance"] == pytest.approx(2 * np.log(2))
