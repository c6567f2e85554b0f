"""The same synthesis again without one study, and study after study as they came out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from livingmeta.pooling.engines.inputs import EffectError, check_effects
from livingmeta.pooling.engines.models import FitMany, fit_many


def leave_one_out(yi: ArrayLike, vi: ArrayLike, **model: Any) -> FitMany:
    """Row i is the synthesis without study i; `model` as for `fit_many`. Needs 2 studies."""
    y, v = check_effects(yi, vi)
    if y.size < 2:
        raise EffectError("with one study there is nothing left when it is left out")
    keep = ~np.eye(y.size, dtype=bool)
    return fit_many(
        *(np.broadcast_to(a, keep.shape)[keep].reshape(y.size, -1) for a in (y, v)), **model
    )


def cumulative(
    yi: ArrayLike, vi: ArrayLike, ends: Sequence[int] | None = None, **model: Any
) -> FitMany:
    """Row i pools the first `ends[i]` studies, in the order given; `model` as for `fit_many`.

    `ends`: left out, 1, 2, ... k.
    """
    y, v = check_effects(yi, vi)
    last = np.arange(1, y.size + 1) if ends is None else np.asarray(ends)
    seen = np.arange(y.size) < last[:, None]
    return fit_many(np.where(seen, y, np.nan), np.where(seen, v, np.nan), **model)
