"""Rows of small_study.csv: the tests for small-study effects that ten studies or more allow."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from livingmeta import tables
from livingmeta.effects.candidate import REVMAN
from livingmeta.formulas.measures import back_transform
from livingmeta.pooling import alternatives
from livingmeta.pooling.bias import fail_safe
from livingmeta.pooling.bias.henmi_copas import henmi_copas
from livingmeta.pooling.bias.selection import selection_model
from livingmeta.pooling.bias.small_study import begg, egger, harbord, macaskill, pet_peese, peters
from livingmeta.pooling.bias.trim_fill import trim_fill
from livingmeta.pooling.engines.inputs import PoolingError

if TYPE_CHECKING:
    from livingmeta.pooling.synthesis import Synthesis

NUMBERS = ("k", "estimate", "se", "ci_low", "ci_high", "statistic", "df", "p_value")
LIMIT = ("limit", "limit_se", "limit_low", "limit_high")
DISPLAY = ("display_limit", "display_limit_low", "display_limit_high")
COLUMNS = tables.columns("pooling/small_study")


def small_study_rows(s: "Synthesis") -> list[dict[str, Any]]:
    """Tests for small-study effects and estimates that allow for them, a row each.

    `s` is a synthesis.Synthesis. `limit` is the effect that a test expects of a study without
    small-study effects (trim and fill: the estimate with the missing studies filled in), on the
    analysis scale. A test that these studies do not allow becomes a decision.
    """
    y, v = s.effects()
    size = by_size(s)
    tests = (
        ("Egger", lambda: _row(egger(y, size()))),
        ("Egger, mixed", lambda: _row(egger(y, size(), model="mixed"))),
        ("Begg", lambda: _row(begg(y, size()))),
        ("PET-PEESE", lambda: _conditional(*pet_peese(y, size()))),
        ("trim and fill, L0", lambda: _filled(trim_fill(y, v))),
        ("trim and fill, R0", lambda: _filled(trim_fill(y, v, estimator="R0"))),
        ("selection model, step at 0.025", lambda: _selected(selection_model(y, v))),
        ("Henmi-Copas", lambda: _henmi_copas(henmi_copas(y, v))),
        ("fail-safe N, Rosenthal", lambda: _fail_safe(fail_safe.rosenthal(y, v))),
        ("fail-safe N, Orwin", lambda: _fail_safe(fail_safe.orwin(y, vi=v))),
        ("fail-safe N, Rosenberg", lambda: _fail_safe(fail_safe.rosenberg(y, v))),
    )
    rows = []
    for name, test in (*tests, *_of_counts(s, y)):
        try:
            row = test()
        except PoolingError as error:
            s.decide("", "bias-test-not-made", test=name, error=str(error))
            continue
        ends = [row[x] for x in ("limit", "limit_low", "limit_high")]
        shown = [float(back_transform(s.measure, end)) for end in ends]
        rows.append({"test": name} | row | dict(zip(DISPLAY, shown, strict=True)))
    return rows


def by_size(s: "Synthesis") -> Callable[[], np.ndarray]:
    """Variances (k,) that say how large the studies of a synthesis.Synthesis are.

    Those of standardised mean differences hang on the effect itself, so that tests on them find
    asymmetry where there is none; of these only 1/n1 + 1/n2 is taken, which is what is left of the
    variance without effect²/(2N) (Pustejovsky & Rodgers 2019, Res Synth Methods 10:57). Raises
    PoolingError when called where a study does not say its patients.
    """
    y, v = s.effects()

    def found() -> np.ndarray:
        if s.measure != "SMD":
            return v
        n = s.studies.reindex(columns=["n"])["n"].to_numpy(float, na_value=np.nan)
        left = v - y**2 / (2.0 * (n - (3.94 if s.rules == REVMAN else 0.0)))
        if not (left > 0).all():
            ids = ", ".join(s.studies["study_id"][~(left > 0)])
            raise PoolingError(f"it needs the numbers of patients, which {ids} do not give")
        return left

    return found


def _of_counts(s, y):
    """Tests that use the counts of two arms, where every study prints them.

    Log odds ratios are correlated with their own standard errors, so that Egger's test finds
    asymmetry too often; these three are not (Peters 2006, Harbord 2006, Macaskill 2001).
    """
    if s.measure != "OR":
        return ()
    try:
        cells = alternatives.counts(s, ("OR",), 2)
    except PoolingError:  # percentages, not counts: nothing was promised
        return ()
    return (
        ("Peters", lambda: _row(peters(y, *cells))),
        ("Harbord", lambda: _row(harbord(*cells))),
        ("Macaskill", lambda: _row(macaskill(y, *cells))),
    )


def _row(test):
    return {name: getattr(test, name) for name in (*NUMBERS, *LIMIT, "note")}


def _conditional(pet, peese, chosen):
    row = _row(peese if chosen == "peese" else pet)
    return row | {"note": f"{chosen.upper()} was used, by the test of PET's limit"}


def _selected(f):
    """`estimate`: how likely a p above the step was to be published, relative to one below."""
    limit = dict(zip(LIMIT, (f.estimate, f.se, f.ci_low, f.ci_high), strict=True))
    test = {"k": f.k, "estimate": f.delta[-1], "se": f.se_delta[-1], "statistic": f.lr}
    edge = "; at the edge of what could be estimated" if f.at_bound else ""
    note = f"one-sided p, alternative {f.alternative}; likelihood ratio test{edge}"
    row = dict.fromkeys(NUMBERS, np.nan) | test | {"df": f.lr_df, "p_value": f.lr_p}
    return row | limit | {"note": note}


def _henmi_copas(f):
    limit = dict(zip(LIMIT, (f.estimate, f.se, f.ci_low, f.ci_high), strict=True))
    note = "the common-effect estimate, with an interval that allows for heterogeneity"
    return dict.fromkeys(NUMBERS, np.nan) | {"k": f.k} | limit | {"note": note}


# What the number of studies by each fail-safe method would do.
UNDONE = {
    "rosenthal": "bring Stouffer's one-sided p to 0.05",
    "orwin": "halve the plain mean of the effects",
    "rosenberg": "bring the common-effect p to 0.05",
}


def _fail_safe(found):
    """`estimate`: how many studies of no effect would undo the result."""
    many = f"{found.n:.0f} {'study' if found.n == 1 else 'studies'}"
    note = (
        f"{many} of no effect would {UNDONE[found.method]}; it says nothing of how large a bias is"
    )
    row = dict.fromkeys((*NUMBERS, *LIMIT), np.nan)
    return row | {"k": found.k, "estimate": found.n, "p_value": found.p_value, "note": note}


def _filled(found):
    f = found.fit
    limit = dict(zip(LIMIT, (f.estimate, f.se, f.ci_low, f.ci_high), strict=True))
    missing = f"{found.k0} {'study' if found.k0 == 1 else 'studies'} missing on the {found.side}"
    row = dict.fromkeys(NUMBERS, np.nan) | {"k": f.k - found.k0, "p_value": found.p_value}
    return row | limit | {"note": missing}
