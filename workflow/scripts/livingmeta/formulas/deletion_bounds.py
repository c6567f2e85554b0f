"""From what size on a deletion diagnostic is remarkable (Viechtbauer & Cheung 2010, Res Synth
Methods 1:112)."""

# The median of chi-squared with 1 degree of freedom, so that a figure need not load SciPy for it.
MEDIAN_OF_ONE = 0.454936423119572


def bounds(k: int, p: int = 1) -> dict[str, float]:
    """How large (in size) a diagnostic of one of k studies may be before it is remarkable, in a
    model of p coefficients.

    Cook's distance: the median of chi-squared with p degrees of freedom; DFFITS and hat as in
    Viechtbauer & Cheung 2010; `rstudent`: the 97.5th percentile of a standard normal.
    """
    return {
        "rstudent": 1.959963984540054,
        "cooks_distance": MEDIAN_OF_ONE if p == 1 else _median(p),
        "dffits": 3 * (p / (k - p)) ** 0.5,
        "hat": 3 * p / k,
    }


def _median(p: int) -> float:
    from scipy.special import gammaincinv

    return float(2 * gammaincinv(p / 2, 0.5))
