"""Designs in which patients are not independent: clusters, and patients who are in both arms.

Cochrane Handbook 23.1.4 and 23.1.5 (clusters), 23.2.7 (crossover); Elbourne et al. 2002 (Int J
Epidemiol 31:140). `counts` are the arguments of `effect_size` for one study, each a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, isfinite, lgamma, sqrt

from livingmeta.effect_measures import MEASURES
from livingmeta.formulas.measures import FORMULAS
from livingmeta.formulas.time_to_event import Effect

# A measure of two arms and that of one arm whose difference it is, on its analysis scale.
_OF_ONE_ARM = {
    "OR": "PLO",
    "RR": "PLN",
    "RD": "PR",
    "AS": "PAS",
    "IRR": "IRLN",
    "IRD": "IR",
    "MD": "MN",
}
# Those to whose counts `effect_size` adds a half where one is zero.
_HALVED = {"OR", "RR", "RD", "IRR", "IRD"}
# Measures with a formula for patients who are in both arms.
PAIRED = frozenset({*_OF_ONE_ARM, "ROM", "IRSD", "SMD"})


class DesignError(ValueError):
    """Numbers from which no effect of such a design follows."""


def design_effect(icc: float, cluster_size: float) -> float:
    """1 + (m - 1) ICC: by how much clusters of mean size m raise a variance.

    DesignError for an ICC outside 0 to 1 or a size below 1.
    """
    if not 0 <= icc <= 1:
        raise DesignError(f"an ICC of {icc:g} is not between 0 and 1")
    if not (cluster_size >= 1 and isfinite(cluster_size)):
        raise DesignError(f"a cluster size of {cluster_size:g} is below 1")
    return 1 + (cluster_size - 1) * icc


def effective(measure: str, counts: Mapping[str, float], effect: float) -> dict[str, float]:
    """`counts` with patients, events and person-time divided by the design effect; not rounded.

    Means, SDs and correlations stay.
    """
    all_counts = MEASURES[measure].family in ("proportions", "rates")
    return {
        name: value / effect if all_counts or name.startswith("n") else value
        for name, value in counts.items()
    }


def paired(measure: str, effect: Effect, counts: Mapping[str, float], correlation: float) -> Effect:
    """The effect of two arms of the same patients; `effect`: as though the arms were parallel.

    `correlation`: of a patient's two values (means), or of the two outcomes, 0 and 1 (counts). The
    variance is v1 + v2 - 2 r (v1 v2)^1/2 with those of the arms, which is SD_d²/N for means and
    that of Becker and Balagtas for odds ratios. An SMD is by the raw scores (Handbook 23.2.7.2,
    Borenstein 2009 ch. 4), and Hedges' g of N - 1 degrees of freedom. Of arms of unlike size all
    patients of the smaller are taken to be in the other. DesignError for a measure outside PAIRED.
    """
    if measure not in PAIRED:
        raise DesignError(f"{measure} has no formula for patients who are in both arms")
    if measure == "SMD":
        return _standardised(counts, correlation)
    (first, n1), (second, n2) = _arms(measure, counts)
    both = sqrt(min(n1, n2) / max(n1, n2))
    return Effect(effect.yi, first + second - 2 * correlation * both * sqrt(first * second))


def _standardised(counts: Mapping[str, float], correlation: float) -> Effect:
    n = min(counts["n1i"], counts["n2i"])
    df = n - 1
    if not df > 1:
        raise DesignError(f"an SMD of {n:g} patients")
    small = exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
    sd = sqrt((counts["sd1i"] ** 2 + counts["sd2i"] ** 2) / 2)
    g = small * (counts["m1i"] - counts["m2i"]) / sd
    return Effect(g, (1 / n + g**2 / (2 * n)) * 2 * (1 - correlation))


def _arms(measure: str, counts: Mapping[str, float]) -> list[tuple[float, float]]:
    """The variance of each arm's own part, and the patients (of rates 1: the same ones)."""
    family = MEASURES[measure].family
    if family == "means":
        sides = [tuple(counts[f"{x}{i}i"] for x in ("m", "sd", "n")) for i in "12"]
        sizes = [n for *_, n in sides]
    elif family == "rates":
        sides = [(counts[f"x{i}i"], counts[f"t{i}i"]) for i in "12"]
        sizes = [1.0, 1.0]
    else:
        sides = [(counts["ai"], counts["bi"]), (counts["ci"], counts["di"])]
        sizes = [sum(side) for side in sides]
    if measure in _HALVED:
        whole = [value for side in sides for value in (side[:1] if family == "rates" else side)]
        more = 0.5 * (min(whole) == 0)
        rest = more if family == "proportions" else 0.0
        sides = [(side[0] + more, side[1] + rest) for side in sides]
    if measure == "ROM":
        variances = [sd**2 / (n * m**2) for m, sd, n in sides]
    elif measure == "IRSD":
        variances = [0.25 / t for _, t in sides]
    else:
        variances = [float(FORMULAS[_OF_ONE_ARM[measure]][1](*side)[1]) for side in sides]
    return list(zip(variances, sizes, strict=True))
