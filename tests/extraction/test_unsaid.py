"""What a report leaves open is asked, and nothing where the report tells."""

import pytest

from livingmeta.extraction.checks.unsaid import se_of_what
from livingmeta.extraction.rows import read_row

RATIO = {"row": 2, "outcome": "os", "arm": "a/b", "statistic": "hazard-ratio", "value": 0.5}
SE = {"row": 3, "outcome": "os", "arm": "b/a", "statistic": "se", "value": 0.2}
DEATHS = {"row": 4, "outcome": "os", "arm": "a", "statistic": "events", "value": 20}


def found(*records):
    return list(se_of_what(tuple(map(read_row, records))))


def test_an_se_that_may_be_of_the_ratio_is_asked_about():
    (beside,) = found(RATIO, SE)
    assert (beside.severity, beside.rows, beside.value) == ("warning", (2, 3), "0.2")
    assert "the statistic log-hazard-ratio with SE 0.4" in beside.expected
    (own,) = found({**RATIO, "se": 0.2})
    assert own.rows == (2,)
    assert found({**RATIO, "se": 0.2, "statistic": "odds-ratio"}, DEATHS)


@pytest.mark.parametrize(
    "told",
    [
        ({**RATIO, "se": 0.2, "ci_low": 0.3, "ci_high": 0.8},),
        ({**RATIO, "se": 0.2, "p_value": "0.02"},),
        ({**RATIO, "se": 0.2}, DEATHS),
        ({**RATIO, "se": 0.2, "value": 0.99},),
        ({**RATIO, "se": 0.2, "statistic": "log-hazard-ratio"},),
        ({**RATIO, "se": 0.2, "statistic": "mean-difference"},),
        (RATIO, {**SE, "arm": "a/c"}),
        (RATIO,),
    ],
)
def test_nobody_is_asked_what_is_told(told):
    assert found(*told) == []
