"""One study whose means differ the other way than all others, on both sides of its bounds."""

import pandas as pd
import pytest

from extraction.test_slips import of, table
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check

CASES = pytest.mark.parametrize(
    ("differences", "more", "told"),
    [
        ((-6.1, 7.2, -5.3), {}, ["s1"]),
        ((6.1, -7.2, 5.3, 0.4), {}, ["s1"]),
        ((-6.1, 7.2), {}, []),  # of two nobody can say which
        ((-6.1, 5.1, -5.3), {}, []),  # z 2.5
        ((-6.1, 7.2, -3.7), {}, []),  # only one other is clear
        ((-6.1, 7.2, -5.3, 0.1), {}, []),  # not all others
        ((-6.1, 7.2, -5.3), {"direction": "reversed"}, []),
    ],
)


@CASES
def test_one_study_the_other_way_than_all_others_is_asked_about(differences, more, told):
    rows = []
    for number, by in enumerate(differences):
        here = more if number == 1 else {}
        cells = [
            (f"{arm} {statistic}", value + number / 10, of(50, **here))
            for arm, mean in (("a", 30.0 + by), ("b", 30.0))
            for statistic, value in (("mean", mean), ("sd", 10.0))
        ]
        rows.append(table(*cells, study=f"s{number}", first=2 + 4 * number))
    about = pd.DataFrame({"study_id": [f"s{i}" for i in range(len(differences))]})
    found = each(check(pd.concat(rows), about))
    mine = [(study, list(p.rows)) for study, p in found if p.check == "direction of the scale"]
    assert mine == [(study, [6, 8]) for study in told]


@CASES
def test_a_printed_difference_is_held_to_all_others_too(differences, more, told):
    """The same z as by means and SDs; the third study prints its difference of `b` and `a`."""
    rows = []
    for number, by in enumerate(differences):
        here = {"se": 2.0} | (more if number == 1 else {})
        pair, by = ("b/a", -by) if number == 2 else ("a/b", by)
        cell = f"{pair} mean-difference", by, of(100, **here)
        rows.append(table(cell, study=f"s{number}", first=2 + number))
    about = pd.DataFrame({"study_id": [f"s{i}" for i in range(len(differences))]})
    found = each(check(pd.concat(rows), about))
    mine = [(study, list(p.rows)) for study, p in found if p.check == "direction of the scale"]
    assert mine == [(study, [3]) for study in told]
