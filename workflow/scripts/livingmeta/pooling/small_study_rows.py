"""Rows of small_study.csv: the tests for small-study effects that ten studies or more allow."""

import numpy as np

from livingmeta.effects.measures import back_transform
from livingmeta.pooling.inputs import PoolingError
from livingmeta.pooling.small_study import egger, pet_peese
from livingmeta.pooling.trim_fill import trim_fill

NUMBERS = ("k", "estimate", "se", "ci_low", "ci_high", "statistic", "df", "p_value")
LIMIT = ("limit", "limit_se", "limit_low", "limit_high")
DISPLAY = ("display_limit", "display_limit_low", "display_limit_high")
COLUMNS = ("synthesis", "test", *NUMBERS, *LIMIT, *DISPLAY, "note")


def small_study_rows(s):
    """Egger (linear and mixed), PET-PEESE and trim and fill for a synthesis.Synthesis.

    `limit` is the effect that a test expects of a study without small-study effects (trim and
    fill: the estimate with the missing studies filled in), on the analysis scale. A test that
    these studies do not allow becomes a decision.
    """
    y, v = s.effects()
    tests = (
        ("Egger", lambda: _row(egger(y, v))),
        ("Egger, mixed", lambda: _row(egger(y, v, model="mixed"))),
        ("PET-PEESE", lambda: _conditional(*pet_peese(y, v))),
        ("trim and fill, L0", lambda: _filled(trim_fill(y, v))),
        ("trim and fill, R0", lambda: _filled(trim_fill(y, v, estimator="R0"))),
    )
    rows = []
    for name, test in tests:
        try:
            row = test()
        except PoolingError as error:
            s.decide("", name, str(error), "no test made")
            continue
        n = s.studies["n"].to_numpy(float) if s.measure == "PFT" else None
        ends = [row[x] for x in ("limit", "limit_low", "limit_high")]
        shown = [float(back_transform(s.measure, end, n)) for end in ends]
        rows.append({"test": name} | row | dict(zip(DISPLAY, shown, strict=True)))
    return rows


def _row(test):
    return {name: getattr(test, name) for name in (*NUMBERS, *LIMIT, "note")}


def _conditional(pet, peese, chosen):
    row = _row(peese if chosen == "peese" else pet)
    return row | {"note": f"{chosen.upper()} was used, by the test of PET's limit"}


def _filled(found):
    f = found.fit
    limit = dict(zip(LIMIT, (f.estimate, f.se, f.ci_low, f.ci_high), strict=True))
    missing = f"{found.k0} {'study' if found.k0 == 1 else 'studies'} missing on the {found.side}"
    row = dict.fromkeys(NUMBERS, np.nan) | {"k": f.k - found.k0, "p_value": found.p_value}
    return row | limit | {"note": missing}
