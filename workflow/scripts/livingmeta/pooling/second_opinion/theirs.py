"""Models as statsmodels fits them: the other side of the second opinion."""

from typing import Any, NamedTuple

import numpy as np

# Tolerances of statsmodels' Paule-Mandel, finest first: it takes a step that ends a hair beyond
# zero for no heterogeneity at all, and then the next is tried.
PM_TOLERANCES = (1e-10, 1e-8, 1e-6)
BELOW_ZERO = "statsmodels leaves tau² below zero; at zero the model is its common effect"
# Columns of a design beyond two to this power, or below one over it, are scaled.
_LARGE = 20


class Theirs(NamedTuple):
    """One model by statsmodels, analysis scale. `scaled`: the standard error by the spread of the
    effects (Hartung-Knapp), `se` the ordinary one."""

    estimate: float
    se: float
    scaled: float
    df: int
    by: str
    tau2: float | None = None
    q: float | None = None
    q_p: float | None = None
    why: str = ""

    def numbers(self, interval: str, level: float = 0.95) -> dict[str, float]:
        """Estimate, standard error, limits and p under an interval of `INTERVALS`."""
        from scipy import stats

        se = {"hksj": self.scaled, "hksj-guarded": max(self.se, self.scaled)}.get(interval, self.se)
        known = stats.norm if interval == "wald" else stats.t(self.df)
        half = float(known.isf((1 - level) / 2)) * se
        found = {"estimate": self.estimate, "se": se}
        found |= {"ci_low": self.estimate - half, "ci_high": self.estimate + half}
        if se > 0:
            found["p_value"] = float(2 * known.sf(abs(self.estimate) / se))
        return found


def combined(y: np.ndarray, v: np.ndarray, tau2_method: str) -> Theirs | None:
    """statsmodels' `combine_effects` of effects and variances (k each, analysis scale); None for an
    estimator of tau² that it does not have."""
    from statsmodels.stats.meta_analysis import combine_effects

    if tau2_method not in ("FE", "DL", "PM"):
        return None
    by, why = "combine_effects", ""
    middle = float(np.median(y))  # from zero on, its Q loses digits to what all effects share
    y = y - middle
    if tau2_method == "PM":
        for tolerance in PM_TOLERANCES:
            found = combine_effects(y, v, method_re="pm", atol=tolerance, maxiter=1_000)
            if found.tau2 > 0 or found.q <= found.k - 1:
                break
            why = f"statsmodels' Paule-Mandel iteration stops short of {tolerance:g}"
    else:
        with np.errstate(invalid="ignore"):  # a root of what a tau² below zero gives
            found = combine_effects(y, v, method_re="dl")
    df = y.size - 1
    fe, re = float(found.mean_effect_fe) + middle, float(found.mean_effect_re) + middle
    of_fe = float(found.sd_eff_w_fe), float(found.sd_eff_w_fe_hksj)
    of_re = float(found.sd_eff_w_re), float(found.sd_eff_w_re_hksj)
    of_q: dict[str, Any] = {"q": float(found.q), "q_p": float(found.test_homogeneity().pvalue)}
    common = Theirs(fe, *of_fe, df, by, tau2=0.0, **of_q)
    if tau2_method == "FE":
        return common
    if found.tau2 < 0:
        return common._replace(why=BELOW_ZERO)
    return Theirs(re, *of_re, df, by, tau2=float(found.tau2), **of_q, why=why)


def weighted(y: np.ndarray, v: np.ndarray, x: np.ndarray, tau2: float) -> tuple[Any, np.ndarray]:
    """statsmodels' `WLS` of effects on a design (k by p, its intercept included), with weights from
    our tau², and by how much each column was made smaller for it (p,)."""
    from statsmodels.regression.linear_model import WLS

    # Its pseudo-inverse takes a column for nought beside one of 1e15 times its size: such are
    # brought near to 1, by powers of two, which round nothing.
    most = np.abs(x).max(axis=0)
    power = np.round(np.log2(np.where(most > 0, most, 1.0)))
    size = np.exp2(np.where(np.abs(power) > _LARGE, power, 0.0))
    return WLS(y, x / size, weights=1 / (v + tau2)).fit(), size


def regressed(y: np.ndarray, v: np.ndarray, x: np.ndarray, tau2: float) -> list[Theirs]:
    """One answer of `weighted` a coefficient."""
    fitted, size = weighted(y, v, x, tau2)
    unscaled = np.sqrt(np.diag(fitted.normalized_cov_params))
    df = y.size - x.shape[1]
    found = zip(fitted.params / size, unscaled / size, fitted.bse / size, strict=True)
    return [Theirs(float(b), float(se), float(hk), df, "WLS") for b, se, hk in found]
