"""Effect sizes: from counts, means, correlations or a printed contrast to yi and vi.

Codes, argument names and definitions are metafor's (`escalc`, defaults `add=0.5`, `to="only0"`,
`drop00=False`), so that a number can be checked there:

| codes | arguments | zero cells |
|---|---|---|
| OR RR RD PETO | ai bi ci di, or ai ci n1i n2i | 0.5 to all four cells of a study with a zero |
| IRR IRD | x1i x2i t1i t2i | 0.5 to both counts of a study with a zero |
| PR PLN PLO | xi mi, or xi ni | 0.5 to events and non-events of a study with a zero |
| IR IRLN | xi ti | 0.5 to the count where it is zero |
| AS, IRSD, PAS | as OR, as IRR, as PLO | none: these transformations need no correction |
| MD SMD ROM | m1i m2i sd1i sd2i n1i n2i | - |
| MN | mi sdi ni | - |
| COR ZCOR | ri ni | - |
| HR MEDLN GEN, and any code above | estimate, with se, or ci_low and ci_high (ci_level 0.95) | - |

yi and vi are on the analysis scale. `estimate`, `ci_low` and `ci_high` are as printed (HR: the
hazard ratio), `se` is on the analysis scale (HR: of ln HR). metafor has no code for a median:
MEDLN is the log transformed one, named as its PLN, IRLN and MNLN are.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from livingmeta.effect_measures import MEASURES
from livingmeta.formulas.special import expit, logit, ndtri


class EffectSizeError(ValueError):
    """The numbers given cannot be what they claim to be, or a wanted one is missing."""


def _sin_squared(value):
    return np.sin(np.clip(value, 0.0, np.pi / 2.0)) ** 2


# Display scale -> analysis scale, and back.
SCALES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "identity": (lambda value: value, lambda value: value),
    "log": (np.log, np.exp),
    "logit": (logit, expit),
    "atanh": (np.arctanh, np.tanh),
    "arcsine": (lambda value: np.arcsin(np.sqrt(value)), _sin_squared),
}


def effect_size(
    measure: str,
    *,
    add: float = 0.5,
    to: str = "only0",
    drop00: bool = False,
    revman: bool = False,
    **counts: Any,
) -> tuple[np.ndarray, np.ndarray]:
    """Effects yi and sampling variances vi, float arrays (k,), for `measure` from `counts`.

    `add` goes into the cells (`to`: "only0" of studies with a zero, "all" of every study,
    "if0all" of every study if any has a zero, "none"); `drop00` gives NaN for two-arm studies
    with no event in either arm or in every patient; `revman`: as RevMan reckons it, which differs
    for SMD (Deeks & Higgins 2010, Statistical algorithms in Review Manager 5). A NaN among the
    inputs gives NaN in both.
    A variance that comes out as 0 or infinite is returned as it is: pooling refuses it.

    Raises EffectSizeError for an unknown measure, a missing or unknown argument, unequal
    lengths, or numbers that cannot be (more events than patients, a CI that misses its estimate).
    """
    _known(measure)
    if to not in ("only0", "all", "if0all", "none"):
        raise EffectSizeError(f"to is {to!r}; it must be only0, all, if0all or none")
    given = _arrays(measure, counts)
    if "estimate" in given or measure not in FORMULAS:
        return _printed(measure, given)
    family, formula = (REVMAN.get(measure) if revman else None) or FORMULAS[measure]
    with np.errstate(divide="ignore", invalid="ignore"):
        yi, vi = formula(*family(measure, given, add, to, drop00))
    return yi, vi


def _arrays(measure, counts):
    given = {}
    for name, values in counts.items():
        try:
            given[name] = np.atleast_1d(np.asarray(values, dtype=float))
        except (TypeError, ValueError) as error:
            raise EffectSizeError(f"{measure}: {name} holds something that is no number") from error
    try:
        whole = np.broadcast_arrays(*given.values())
    except ValueError as error:
        lengths = ", ".join(f"{name} {a.size}" for name, a in given.items())
        raise EffectSizeError(f"{measure}: unequal lengths ({lengths})") from error
    return dict(zip(given, whole, strict=True))


def _pick(measure, given, wanted, optional=()):
    missing = [name for name in wanted if name not in given]
    unknown = [name for name in given if name not in (*wanted, *optional)]
    if missing or unknown:
        raise EffectSizeError(
            f"{measure} is computed from {', '.join(wanted)}"
            + (f"; missing: {', '.join(missing)}" if missing else "")
            + (f"; not known here: {', '.join(unknown)}" if unknown else "")
        )
    return [given[name] for name in wanted]


def _demand(measure, right, what, *shown):
    """EffectSizeError naming the first study where `right` is false (NaN passes)."""
    wrong = np.flatnonzero(~right)
    if wrong.size:
        numbers = ", ".join(f"{values[wrong[0]]:g}" for values in shown)
        raise EffectSizeError(f"{measure}, study {wrong[0] + 1} ({numbers}): {what}")


def _counted(measure, first, second, total):
    """Events and non-events, from either non-events or the total."""
    if second is None:
        second = total - first
        _demand(measure, ~(second < 0), "more events than patients", first, total)
    _demand(measure, ~(first < 0) & ~(second < 0), "a count is negative", first, second)
    return first, second


def _corrected(cells, add, to, zero):
    where = {"only0": zero, "all": np.ones_like(zero), "if0all": np.full_like(zero, zero.any())}
    extra = add * where[to] if to in where else 0.0
    return [cell + extra for cell in cells]


def _two_by_two(measure, given, add, to, drop00):
    totals = "n1i" in given or "n2i" in given
    if totals:
        a, c, n1, n2 = _pick(measure, given, ("ai", "ci", "n1i", "n2i"), ("bi", "di"))
        (a, b), (c, d) = _counted(measure, a, None, n1), _counted(measure, c, None, n2)
    else:
        a, b, c, d = _pick(measure, given, MEASURES[measure].cells)
        (a, b), (c, d) = _counted(measure, a, b, None), _counted(measure, c, d, None)
    _demand(measure, ~(a + b == 0) & ~(c + d == 0), "an arm without patients", a + b, c + d)
    zero = (a == 0) | (b == 0) | (c == 0) | (d == 0)
    if drop00:
        none = ((a == 0) & (c == 0)) | ((b == 0) & (d == 0))
        a, b, c, d = (np.where(none, np.nan, cell) for cell in (a, b, c, d))
    if measure == "AS":
        return a, b, c, d
    return _corrected((a, b, c, d), add, to, zero)


def _proportion(measure, given, add, to, drop00):
    if "ni" in given:
        x, n = _pick(measure, given, ("xi", "ni"), ("mi",))
        x, m = _counted(measure, x, None, n)
    else:
        x, m = _pick(measure, given, MEASURES[measure].cells)
        x, m = _counted(measure, x, m, None)
    _demand(measure, ~(x + m == 0), "no patients", x, m)
    if measure == "PAS":
        return x, m
    return _corrected((x, m), add, to, (x == 0) | (m == 0))


def _rates(measure, given, add, to, drop00):
    x1, x2, t1, t2 = _pick(measure, given, MEASURES[measure].cells)
    _demand(measure, ~(x1 < 0) & ~(x2 < 0), "a count is negative", x1, x2)
    _demand(measure, ~(t1 <= 0) & ~(t2 <= 0), "person-time must be above 0", t1, t2)
    if drop00:
        none = (x1 == 0) & (x2 == 0)
        x1, x2 = np.where(none, np.nan, x1), np.where(none, np.nan, x2)
    if measure == "IRSD":
        return x1, x2, t1, t2
    return *_corrected((x1, x2), add, to, (x1 == 0) | (x2 == 0)), t1, t2


def _rate(measure, given, add, to, drop00):
    x, t = _pick(measure, given, MEASURES[measure].cells)
    _demand(measure, ~(x < 0), "a count is negative", x)
    _demand(measure, ~(t <= 0), "person-time must be above 0", t)
    return *_corrected((x,), add, to, x == 0), t


def _mean(measure, given, add, to, drop00):
    mean, sd, n = _pick(measure, given, MEASURES[measure].cells)
    _demand(measure, ~(sd < 0), "a standard deviation is negative", sd)
    _demand(measure, ~(n < 1), "no patients", n)
    return mean, sd, n


def _means(measure, given, add, to, drop00):
    m1, m2, sd1, sd2, n1, n2 = _pick(measure, given, MEASURES[measure].cells)
    _demand(measure, ~(sd1 < 0) & ~(sd2 < 0), "a standard deviation is negative", sd1, sd2)
    _demand(measure, ~(n1 < 1) & ~(n2 < 1), "an arm without patients", n1, n2)
    if measure == "ROM":
        _demand(measure, ~(m1 * m2 <= 0), "the means must have the same sign", m1, m2)
    return m1, m2, sd1, sd2, n1, n2


def _correlation(measure, given, add, to, drop00):
    r, n = _pick(measure, given, MEASURES[measure].cells)
    _demand(measure, ~(np.abs(r) > 1), "a correlation lies between -1 and 1", r)
    least = 4 if measure == "ZCOR" else 2
    _demand(measure, ~(n < least), f"at least {least} pairs are needed", n)
    return r, n


def _odds_ratio(a, b, c, d):
    return np.log(a * d / (b * c)), 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d


def _risk_ratio(a, b, c, d):
    n1, n2 = a + b, c + d
    return np.log(a / n1) - np.log(c / n2), 1.0 / a - 1.0 / n1 + 1.0 / c - 1.0 / n2


def _risk_difference(a, b, c, d):
    n1, n2 = a + b, c + d
    return a / n1 - c / n2, a * b / n1**3 + c * d / n2**3


def _peto(a, b, c, d):
    """Yusuf et al. 1985: (O - E)/V with the hypergeometric variance."""
    n1, n2, events, others = a + b, c + d, a + c, b + d
    n = n1 + n2
    v = events * others * (n1 / n) * (n2 / n) / (n - 1.0)
    return (a - events * n1 / n) / v, 1.0 / v


def _arcsine_difference(a, b, c, d):
    n1, n2 = a + b, c + d
    yi = np.arcsin(np.sqrt(a / n1)) - np.arcsin(np.sqrt(c / n2))
    return yi, 0.25 / n1 + 0.25 / n2


def _smd(m1, m2, sd1, sd2, n1, n2):
    """Hedges 1981: the bias correction by its exact gamma form, the large-sample variance."""
    from scipy.special import gammaln

    df = n1 + n2 - 2.0
    pooled = np.sqrt(((n1 - 1.0) * sd1**2 + (n2 - 1.0) * sd2**2) / df)
    exact = np.exp(gammaln(df / 2.0) - np.log(np.sqrt(df / 2.0)) - gammaln((df - 1.0) / 2.0))
    g = exact * (m1 - m2) / pooled
    return g, 1.0 / n1 + 1.0 / n2 + g**2 / (2.0 * (n1 + n2))


def _smd_of_revman(m1, m2, sd1, sd2, n1, n2):
    """As RevMan: the approximate correction 1 - 3/(4N - 9), and N - 3.94 in the variance."""
    n = n1 + n2
    pooled = np.sqrt(((n1 - 1.0) * sd1**2 + (n2 - 1.0) * sd2**2) / (n - 2.0))
    g = (1.0 - 3.0 / (4.0 * n - 9.0)) * (m1 - m2) / pooled
    return g, n / (n1 * n2) + g**2 / (2.0 * (n - 3.94))


FORMULAS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "OR": (_two_by_two, _odds_ratio),
    "RR": (_two_by_two, _risk_ratio),
    "RD": (_two_by_two, _risk_difference),
    "PETO": (_two_by_two, _peto),
    "AS": (_two_by_two, _arcsine_difference),
    "PR": (_proportion, lambda x, m: (x / (x + m), x * m / (x + m) ** 3)),
    "PLN": (_proportion, lambda x, m: (np.log(x / (x + m)), 1.0 / x - 1.0 / (x + m))),
    "PLO": (_proportion, lambda x, m: (np.log(x / m), 1.0 / x + 1.0 / m)),
    "PAS": (_proportion, lambda x, m: (np.arcsin(np.sqrt(x / (x + m))), 0.25 / (x + m))),
    "IRR": (
        _rates,
        lambda x1, x2, t1, t2: (np.log(x1 / t1) - np.log(x2 / t2), 1.0 / x1 + 1.0 / x2),
    ),
    "IRD": (_rates, lambda x1, x2, t1, t2: (x1 / t1 - x2 / t2, x1 / t1**2 + x2 / t2**2)),
    "IRSD": (
        _rates,
        lambda x1, x2, t1, t2: (np.sqrt(x1 / t1) - np.sqrt(x2 / t2), 0.25 / t1 + 0.25 / t2),
    ),
    "IR": (_rate, lambda x, t: (x / t, x / t**2)),
    "IRLN": (_rate, lambda x, t: (np.log(x / t), 1.0 / x)),
    "MN": (_mean, lambda m, sd, n: (m, sd**2 / n)),
    "MD": (_means, lambda m1, m2, s1, s2, n1, n2: (m1 - m2, s1**2 / n1 + s2**2 / n2)),
    "SMD": (_means, _smd),
    "ROM": (
        _means,
        lambda m1, m2, s1, s2, n1, n2: (
            np.log(m1 / m2),
            s1**2 / (n1 * m1**2) + s2**2 / (n2 * m2**2),
        ),
    ),
    "COR": (_correlation, lambda r, n: (r, (1.0 - r**2) ** 2 / (n - 1.0))),
    "ZCOR": (_correlation, lambda r, n: (np.arctanh(r), 1.0 / (n - 3.0))),
}

REVMAN = {"SMD": (_means, _smd_of_revman)}


def without_information(
    measure: str, ai: Any, bi: Any, ci: Any, di: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Which studies of these cells (k,) say nothing about a ratio: nobody had the event, and
    everybody had it (odds ratios only; Cochrane Handbook 10.4.4.2)."""
    a, b, c, d = (np.asarray(cells, float) for cells in (ai, bi, ci, di))
    asked = MEASURES[measure]
    of_odds = measure == "PETO" or asked.contrast == "odds-ratio"
    return (asked.kind == "ratio") & (a + c == 0), of_odds & (b + d == 0)


def _printed(measure, given):
    """An effect printed with its standard error or confidence interval."""
    forward = SCALES[MEASURES[measure].scale][0]
    with np.errstate(divide="ignore", invalid="ignore"):
        if "se" in given:
            estimate, se = _pick(measure, given, ("estimate", "se"))
            _demand(measure, ~(se <= 0), "a standard error must be above 0", se)
            yi, vi = forward(estimate), se**2
        else:
            names = ("estimate", "ci_low", "ci_high")
            estimate, low, high = _pick(measure, given, names, ("ci_level",))
            inside = ~((low > estimate) | (high < estimate) | (low >= high))
            _demand(measure, inside, "the interval must hold its estimate", estimate, low, high)
            level = given.get("ci_level", 0.95)
            yi = forward(estimate)
            vi = ((forward(high) - forward(low)) / (2.0 * ndtri((1.0 + level) / 2.0))) ** 2
    possible = ~np.isinf(yi) & ~(np.isnan(yi) & ~np.isnan(estimate)) & ~np.isinf(vi)
    _demand(measure, possible, "impossible for this measure", estimate)
    return yi, vi


def to_analysis_scale(measure: str, value: Any) -> Any:
    """`value` as printed (odds ratio, proportion, ...) -> the analysis scale."""
    _known(measure)
    return SCALES[MEASURES[measure].scale][0](value)


def back_transform(measure: str, value: Any) -> Any:
    """`value` on the analysis scale -> the display scale (odds ratio, proportion, ...).

    What is too large to be a number is infinite. Raises EffectSizeError for an unknown measure.
    """
    _known(measure)
    with np.errstate(over="ignore"):
        return SCALES[MEASURES[measure].scale][1](np.asarray(value, dtype=float))


def _known(measure: str) -> None:
    if measure not in MEASURES:
        raise EffectSizeError(f"{measure!r} is no measure; known are {', '.join(MEASURES)}")


def more_is_better(measure: str, good: str, kind: str) -> bool:
    """Whether a larger effect of the first arm is the good one for patients.

    `good`: which direction of the outcome is, higher or lower; `kind`: of the outcome. A hazard
    ratio is about the event that ends survival, so it runs against the outcome.
    """
    higher = good == "higher"
    if measure == "HR" and kind in ("survival", "time"):
        return not higher
    return higher
