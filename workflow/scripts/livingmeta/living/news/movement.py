"""How far one more study of n patients could move a result.

With W the sum of the weights 1/(v_i + tau²) of the studies pooled now, and w = 1/(v + tau²) that of
one more, its share of the pool is w / (W + w), and the estimate moves by that share of the distance
between the study and the estimate now. What the study will find is not known, so the distance is
taken to be that to the edge of where 95% of the results of such studies are expected: 1.96 times
the square root of 1/W + tau² + v, the predictive distribution of its observed effect. The movement
is then 1.96 sqrt(1/W) sqrt(share): never more than half of the (Wald) confidence interval now.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from livingmeta.formulas.measures import back_transform
from livingmeta.words.measures import Z95
from livingmeta.words.numbers import missing


@dataclass(frozen=True)
class Pool:
    """What a result is pooled from, on the analysis scale.

    `precision`: the sum of its weights; `tau2`: its between-study variance; `per_patient`: sampling
    variance times patients of the median study; `patients`: of the median study.
    """

    measure: str
    estimate: float
    precision: float
    tau2: float
    per_patient: float
    patients: float

    def share(self, n: float) -> float:
        """The weight that one more study of `n` patients has, as a share of the pool with it."""
        weight = 1 / (self.variance(n) + self.tau2)
        return weight / (self.precision + weight)

    def variance(self, n: float) -> float:
        """The sampling variance of a study of `n` patients."""
        # ASSUME it falls as 1/n, and a patient tells as much as in the median study: how many
        # events the new one saw, or how its arms are sized, nobody knows before reading it.
        return self.per_patient / n

    def movement(self, n: float) -> float:
        """How far the estimate moves if one more study of `n` patients lies at the edge of where
        95% of such are expected (analysis scale, above 0; to either side)."""
        # ASSUME tau² as it is now: an outlying study would raise it, and lose weight by that.
        away = math.sqrt(1 / self.precision + self.tau2 + self.variance(n))
        return self.share(n) * Z95 * away

    def shown(self) -> float:
        """The estimate now, on the display scale."""
        return float(back_transform(self.measure, self.estimate))

    def between(self, n: float) -> tuple[float, float]:
        """The two estimates that it could move to, on the display scale, the lower first."""
        moves = self.movement(n)
        ends = [float(back_transform(self.measure, self.estimate + x)) for x in (-moves, moves)]
        return min(ends), max(ends)


def pool(result: Mapping[Any, Any], effects: Sequence[Mapping[Any, Any]]) -> Pool | None:
    """The Pool of a result, or None where it is not the mean of its effects by inverse variance (a
    model of counts, a Bayesian one), or no study says how many patients it has.

    `result`: its row of pooled.csv; `effects`: its rows of effects.csv, one a study.
    """
    tau2 = 0.0 if missing(result["tau2"]) else float(result["tau2"])
    sized = [
        (float(row["vi"]) * float(row["n"]), float(row["n"]))
        for row in effects
        if not missing(row["n"]) and row["n"] > 0 and row["vi"] > 0
    ]
    if not sized or missing(result["estimate"]) or any(row["vi"] + tau2 <= 0 for row in effects):
        return None
    weights = [1 / (row["vi"] + tau2) for row in effects]
    mean = math.fsum(w * row["yi"] for w, row in zip(weights, effects, strict=True))
    mean /= math.fsum(weights)
    if not math.isclose(mean, result["estimate"], rel_tol=1e-6, abs_tol=1e-6):
        return None
    per_patient, patients = (median(values) for values in zip(*sized, strict=True))
    return Pool(
        result["measure"],
        float(result["estimate"]),
        math.fsum(weights),
        tau2,
        per_patient,
        patients,
    )
