"""Numbers that are far too exact, too large or too small for their patients, each on both sides."""

import pytest

from extraction.test_slips import COUNTS, at, ends, of, raised, table

NARROW = [("warning", "interval against n")]


@pytest.mark.parametrize(
    ("statistic", "value", "more", "told"),
    [
        # SE of ln HR of 120 patients who all died: 0.183.
        ("hazard-ratio", 0.70, ends(0.69, 0.71), NARROW),
        ("hazard-ratio", 0.70, ends(0.60, 0.82), NARROW),
        ("hazard-ratio", 0.70, ends(0.57, 0.86), []),
        ("hazard-ratio", 0.70, {"se": 0.02}, NARROW),
        ("hazard-ratio", 0.70, {"se": 0.02, "adjusted": "multivariable"}, NARROW),
        ("log-hazard-ratio", -0.36, {"se": 0.02}, NARROW),
        ("hazard-ratio", 0.70, {"p_value": "1e-20"}, NARROW),
        ("hazard-ratio", 0.70, {"p_value": "<0.0001"}, []),  # of no exact p nobody can tell
        ("odds-ratio", 0.70, ends(0.69, 0.71), NARROW),
        ("odds-ratio", 0.70, ends(0.35, 1.40), []),
        ("risk-ratio", 0.70, ends(0.69, 0.71), NARROW),
        ("risk-ratio", 0.70, ends(0.60, 0.82), []),  # all in the one arm, 42 of 60 in the other
        ("risk-ratio", 0.97, ends(0.93, 1.01), []),
        ("standardised-mean-difference", -0.5, ends(-0.52, -0.48), NARROW),
        ("standardised-mean-difference", -0.5, ends(-0.75, -0.25), []),
        ("risk-difference", -0.08, ends(-0.0805, -0.0795), NARROW),
        ("risk-difference", 0.0, ends(-0.0005, 0.0005), NARROW),
        ("risk-difference", -0.02, ends(-0.05, 0.01), []),
        ("mean-difference", -0.5, ends(-0.52, -0.48), []),  # of the SD of what is measured
    ],
)
def test_no_comparison_is_more_exact_than_its_patients_allow(statistic, value, more, told):
    row = f"a/b {statistic}", value, of(120, **more)
    known = [(s, c) for s, c in raised(table(row)) if c != "SE of what"]
    assert known == told
    # Without a number of its own those of its arms at its time.
    arms = (("a mean", 5.0, at(12, 60)), ("b mean", 5.0, at(12, 60)), ("b mean", 5.0, at(0, 9000)))
    found = raised(table((row[0], value, at(12, **more)), *arms))
    assert [(s, c) for s, c in found if c == "interval against n"] == told
    assert raised(table((row[0], value, more))) in ([], [("warning", "SE of what")])
    # Of patients in both arms, and of clusters, nobody knows what they allow.
    found = raised(table(row), design="crossover", allocation="crossover")
    assert [c for _, c in found if c == "interval against n"] == []


def test_what_the_events_tell_is_told_once():
    deaths = table(*COUNTS, ("a/b hazard-ratio", 0.45, of(100, **ends(0.44, 0.46))))
    assert raised(deaths) == [("warning", "interval against events")]
    cells = table(*COUNTS, ("a/b odds-ratio", 0.375, of(100, **ends(0.36, 0.39))))
    assert raised(cells) == [("warning", "interval against counts")]
