"""How much information a result needs: the required information size.

Wetterslev, Thorlund, Brok & Gluud 2008, J Clin Epidemiol 61:64; diversity D² from the same authors
2009, BMC Med Res Methodol 9:86. Information is the inverse of variance.
"""

import math
from collections.abc import Iterable

from livingmeta.formulas.special import ndtri


def required(difference: float, alpha: float = 0.05, power: float = 0.8, d2: float = 0.0) -> float:
    """Information (inverse variance, analysis scale) needed to find `difference` (analysis scale)
    with `power` at the two-sided level `alpha`: ((z(1 - alpha/2) + z(power)) / difference)²,
    divided by 1 - `d2` (Wetterslev 2009)."""
    z = float(ndtri(1 - alpha / 2) + ndtri(power))
    return (z / difference) ** 2 / (1 - d2)


def diversity(vi: Iterable[float], tau2: float) -> float:
    """D²: the share by which the variance of the pooled effect is larger under random effects than
    under a common effect, 1 - V_common / V_random (Wetterslev 2009), in [0, 1)."""
    vi = list(vi)
    common, random = (math.fsum(1 / (v + extra) for v in vi) for extra in (0.0, tau2))
    return 1 - random / common
