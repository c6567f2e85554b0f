"""What may be pooled: the checks every model makes first, and the errors they raise.

Nothing here guesses. A value that cannot be pooled stops the work with a sentence that says
which study it is, what was found and what would be right.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

# Squares and cubes of weights must stay numbers, and the lightest study must still be felt.
SMALLEST, LARGEST, RANGE = 1e-90, 1e90, 1e14


class PoolingError(ValueError):
    """Something handed to a pooling model cannot be pooled as it stands."""


class EffectError(PoolingError):
    """An effect or a sampling variance is missing, infinite, or not a variance."""


class ModeratorError(PoolingError):
    """A moderator cannot be used: constant, a copy of another, or too many for the studies."""


class OptionError(PoolingError):
    """A model was asked for that does not exist; the message lists those that do."""


class Rows(NamedTuple):
    """Meta-analyses side by side, one a row, on the analysis scale.

    `y` and `v` are (R, K); `pad` is None, or (R, K) and true where a row has no study, and there
    y is 0 and v is infinite, so that every weight is 0; `k` (R,) counts the studies.
    """

    y: np.ndarray
    v: np.ndarray
    pad: np.ndarray | None
    k: np.ndarray

    def take(self, index: np.ndarray | slice) -> "Rows":
        """The rows named by `index`."""
        pad = None if self.pad is None else self.pad[index]
        return Rows(self.y[index], self.v[index], pad, self.k[index])


def choose(value: str, known: tuple[str, ...], what: str) -> str:
    """`value` if it is one of `known`, else an OptionError that names them all."""
    if value not in known:
        raise OptionError(f"{what} is {value!r}; it must be one of {', '.join(map(str, known))}")
    return value


def check_level(level: float) -> float:
    """The confidence level as a float, strictly between 0 and 1 (0.95 is 95%)."""
    level = float(level)
    if not 0.0 < level < 1.0:
        raise OptionError(f"level is {level:g}; it must lie between 0 and 1, such as 0.95")
    return level


def _check_magnitudes(v, size):
    # Together they say faster that all is well than row by row.
    if v.min() >= max(SMALLEST, v.max() / RANGE) and max(v.max(), size.max()) <= LARGEST:
        return
    low, high = v.min(1), v.max(1)
    beyond = (low < SMALLEST) | (high > LARGEST) | (high > RANGE * low) | (size.max(1) > LARGEST)
    if beyond.any():
        row = int(np.argmax(beyond))
        raise EffectError(
            f"row {row + 1}: effects up to {size[row].max():g} with variances from {low[row]:g} to"
            f" {high[row]:g}; they must lie between {SMALLEST:g} and {LARGEST:g}, and variances"
            f" within a factor of {RANGE:g} of one another"
        )


def _vector(values, what):
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise EffectError(f"{what} holds something that is not a number: {error}") from error
    if array.ndim != 1:
        raise EffectError(f"{what} has {array.ndim} dimensions; one number a study is wanted")
    return array


def check_effects(yi: ArrayLike, vi: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """One meta-analysis as two float vectors (k,), or an EffectError that names the study."""
    y, v = _vector(yi, "yi"), _vector(vi, "vi")
    if y.size != v.size:
        raise EffectError(f"{y.size} effects but {v.size} variances; each study needs one of each")
    if y.size == 0:
        raise EffectError("there is no study to pool")
    # A few numbers say that all is well; only else is it worth asking which value is not.
    low, high, most = v.min(), v.max(), np.abs(y).max()
    if not (low >= SMALLEST and high <= LARGEST and high <= RANGE * low and most <= LARGEST):
        _explain(y, v)
    return y, v


def _explain(y, v):
    for i, (effect, variance) in enumerate(zip(y.tolist(), v.tolist(), strict=True)):
        if not np.isfinite(effect):
            raise EffectError(
                f"the effect of study {i + 1} is {effect}; a finite number is needed"
                " (a log odds of 0 or 1, or a missing value, must be dealt with before pooling)"
            )
        if not (np.isfinite(variance) and variance > 0.0):
            raise EffectError(
                f"the variance of study {i + 1} is {variance}; it must be above 0 and finite"
            )
    least, most = int(v.argmin()), int(v.argmax())
    if v[most] <= RANGE * v[least]:
        raise EffectError(
            f"effects up to {np.abs(y).max():g} with variances from {v[least]:g} to {v[most]:g}:"
            f" only magnitudes from {SMALLEST:g} to {LARGEST:g} can be computed with"
        )
    raise EffectError(
        f"the variance of study {least + 1} is {v[least]:g} and that of study {most + 1}"
        f" {v[most]:g}: with so many digits between them no computer can weigh both, and one of"
        " them must be wrong"
    )


def check_rows(yi: ArrayLike, vi: ArrayLike) -> Rows:
    """Many meta-analyses, (R, K) with NaN in both where a row has fewer studies, as Rows."""
    y, v = np.atleast_2d(np.asarray(yi, float)), np.atleast_2d(np.asarray(vi, float))
    if y.shape != v.shape or y.ndim != 2:
        raise EffectError(
            f"yi has the shape {y.shape} and vi {v.shape}; both must be rows by studies"
        )
    if y.shape[0] and not y.shape[1]:
        raise EffectError("there is no study to pool")
    pad = np.isnan(y)
    if not pad.any():
        pad = None
    if pad is None:
        wrong = ~(np.isfinite(y) & np.isfinite(v) & (v > 0.0))
        k = np.full(y.shape[0], y.shape[1])
    else:
        wrong = np.where(pad, ~np.isnan(v), ~(np.isfinite(y) & np.isfinite(v) & (v > 0.0)))
        k = y.shape[1] - pad.sum(1)
    if wrong.any():
        row, study = np.argwhere(wrong)[0]
        raise EffectError(
            f"row {row + 1}, study {study + 1}: effect {y[row, study]}, variance {v[row, study]};"
            " both must be finite and the variance above 0, or both NaN for no study"
        )
    if pad is None:
        if y.size:
            _check_magnitudes(v, np.abs(y))
        return Rows(y, v, pad, k)
    if not k.all():
        raise EffectError(f"row {int(np.argmin(k)) + 1} has no study to pool")
    y = np.where(pad, 0.0, y)
    _check_magnitudes(np.where(pad, np.nanmin(v, axis=1, keepdims=True), v), np.abs(y))
    return Rows(y, np.where(pad, np.inf, v), pad, k)


def check_moderators(moderators: ArrayLike, k: int) -> np.ndarray:
    """The design matrix (k, 1 + m): a column of ones, then the moderators as given.

    Raises ModeratorError for the wrong length, missing values, a constant moderator, one that
    the others already determine, or no study left over to estimate the scatter from.
    """
    try:
        columns = np.asarray(moderators, dtype=float)
    except (TypeError, ValueError) as error:
        raise ModeratorError(
            f"a moderator holds something that is not a number: {error}"
        ) from error
    if columns.ndim == 1:
        columns = columns[:, None]
    if columns.ndim != 2 or columns.shape[0] != k or columns.shape[1] == 0:
        raise ModeratorError(
            f"moderators have the shape {columns.shape}; wanted are {k} rows, one a study,"
            " and at least one column"
        )
    m = columns.shape[1]
    if k - m - 1 < 1:
        raise ModeratorError(
            f"{m} moderator{'s' * (m > 1)} and {k} studies; at least {m + 2} studies are needed"
        )
    for j in range(m):
        column = columns[:, j]
        if not np.isfinite(column).all():
            study = int(np.argmin(np.isfinite(column)))
            raise ModeratorError(
                f"moderator {j + 1} is {column[study]} in study {study + 1};"
                " studies without it must be left out first"
            )
        if column.min() == column.max():
            raise ModeratorError(
                f"moderator {j + 1} is {column[0]:g} in every study; a constant explains nothing"
            )
    x = np.column_stack([np.ones(k), columns])
    # Scaled columns: a year of 2014 and a share of 0.3 must not look like one another's copies.
    scaled = np.column_stack([np.ones(k), columns - columns.mean(0)])
    scaled = scaled / np.linalg.norm(scaled, axis=0)
    for j in range(2, m + 2):
        if np.linalg.matrix_rank(scaled[:, :j], tol=1e-10) < j:
            raise ModeratorError(
                f"moderator {j - 1} is already determined by the ones before it; leave one out"
            )
    return x


def check_labels(labels: ArrayLike, k: int, name: str) -> tuple[np.ndarray, np.ndarray]:
    """k labels, one an effect -> the different ones, and the place of each effect's among them.

    Raises PoolingError, calling them `name`, where there are not k.
    """
    found = np.asarray(labels)
    if found.shape != (k,):
        raise PoolingError(f"{name} must have {k} labels, one an effect, not {found.shape}")
    return np.unique(found, return_inverse=True)
