"""More checks of printed numbers on both sides of their thresholds. See `test_slips`."""

import pytest

from extraction.test_slips import at, ends, of, raised, table

DEATH = {"time": 12, "event": "death"}
LIFE = {"time": 12, "event": "survival"}
DIED = (("a mortality", 0.198, at(12, 106)), ("b mortality", 0.299, at(12, 107)))
COUNTED = (("a events", 21, at(12, 106)), ("b events", 32, at(12, 107)))
UNLIKE = [("error", "ratio against arms")]
RATES = (
    *(("a events", 45, of(103)), ("a person-time", 2384.4, {})),
    *(("b events", 85, of(105)), ("b person-time", 2558.4, {})),
)
ONE_RATE = RATES[:2]
IRR = "a/b incidence-rate-ratio"
RATE = [("warning", "rate")]
TURNED = [("warning", "ratio against arms")]

CASES = {
    "risk ratio of death beside mortality": ([*DIED, ("a/b risk-ratio", 0.66, DEATH)], []),
    "risk ratio of death that is one of survival": (
        [*DIED, ("a/b risk-ratio", 1.14, DEATH)],
        UNLIKE,
    ),
    "risk ratio of survival beside mortality": ([*DIED, ("a/b risk-ratio", 1.14, LIFE)], []),
    "risk ratio of survival that is one of death": (
        [*DIED, ("a/b risk-ratio", 0.66, LIFE)],
        UNLIKE,
    ),
    "odds ratio of death beside mortality": ([*DIED, ("a/b odds-ratio", 0.58, DEATH)], []),
    "odds ratio of death turned": ([*DIED, ("a/b odds-ratio", 1.73, DEATH)], TURNED),
    "difference of deaths": ([*DIED, ("a/b risk-difference", -0.101, DEATH)], []),
    "difference of deaths turned": ([*DIED, ("a/b risk-difference", 0.101, DEATH)], TURNED),
    "risk ratio that names no event": ([*DIED, ("a/b risk-ratio", 0.66, at(12))], []),
    "risk ratio of neither": ([*DIED, ("a/b risk-ratio", 0.78, at(12))], UNLIKE),
    "risk ratio of death beside deaths": (
        [*COUNTED, ("a/b risk-ratio", 0.66, DEATH | ends(0.41, 1.07))],
        [],
    ),
    "risk ratio of survival beside deaths": (
        [*COUNTED, ("a/b risk-ratio", 1.14, LIFE | ends(0.99, 1.33))],
        [],
    ),
    "risk ratio of survival beside survivors": ([*COUNTED, ("a/b risk-ratio", 0.66, LIFE)], []),
    "risk ratio unlike its deaths": ([*COUNTED, ("a/b risk-ratio", 1.31, LIFE)], UNLIKE),
    "p of two rates, not of patients": ([*RATES, (IRR, 0.57, {"p_value": "0.002"})], []),
    "p that two rates do not have": (
        [*RATES, (IRR, 0.57, {"p_value": "<0.00001"})],
        [("warning", "p against counts")],
    ),
    "p far above that of two rates": (
        [*RATES, (IRR, 0.57, {"p_value": "0.74"})],
        [("warning", "p against counts")],
    ),
    "p of events in clusters": ([*RATES, (IRR, 0.57, {"p_value": "0.04"})], []),
    "ratio of rates": ([*RATES, (IRR, 0.57, ends(0.40, 0.82))], []),
    "ratio of rates by a model": ([*RATES, (IRR, 0.52, ends(0.35, 0.77))], []),
    "ratio of rates with a digit swapped": ([*RATES, (IRR, 0.84, {})], TURNED),
    "ratio of rates turned": ([*RATES, (IRR, 1.76, {})], TURNED),
    "ratio of rates adjusted": ([*RATES, (IRR, 0.84, {"adjusted": "multivariable"})], []),
    "rate": ([*ONE_RATE, ("a rate", 0.0189, {})], []),
    "rate off by ten": ([*ONE_RATE, ("a rate", 0.189, {})], RATE),
    "rate off by a hundred, with its interval": (
        [*ONE_RATE, ("a rate", 1.89, ends(1.41, 2.53))],
        RATE,
    ),
    "rate off by twelve": ([*ONE_RATE, ("a rate", 0.2265, {})], RATE),
    "rate of another time": ([*ONE_RATE, ("a rate", 0.189, at(12))], []),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_raised_of_a_few_printed_numbers(name):
    cells, expected = CASES[name]
    assert raised(table(*cells)) == expected
