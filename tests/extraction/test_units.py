"""Units of time in names of columns: read, none, or refused; never passed over."""

import itertools

import pytest

from livingmeta.extraction.curves.units import UNITS, UnitError, named, of_name, only_units

KNOWN = {
    "days": ["day", "days", "Tage", "jours", "d\u00edas"],
    "weeks": ["week", "Weeks", "wk", "Wochen", "semaines"],
    "months": ["month", "Months", "mo", "mos", "mths", "Monaten", "mois", "meses"],
    "years": ["year", "YEARS", "yr", "yrs", "Jahren", "ans", "a\u00f1os", "anni"],
}
SHAPES = [
    "{}",
    "time ({})",
    "Time [{}]",
    "t/{}",
    "time_{}",
    "Time, {}",
    "Time in {}",
    "{} of follow-up",
]
SHAPES += [
    "Time since randomisation ({})",
    "{} since surgery",
    "OS ({})",
    "{} after day 0",
    "Time t ({})",
]
SHAPES += [
    "Time since day 1 ({})",
    "Time after a 3-month landmark, {}",
    "Follow-up: {}",
    "Time ({}.)",
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("unit", KNOWN)
def test_a_unit_is_read_wherever_it_stands(shape, unit):
    for word in KNOWN[unit]:
        assert of_name(shape.format(word)) == unit, word


@pytest.mark.parametrize("letter", "dwmy")
def test_one_letter_is_a_unit_beside_a_word_alone(letter):
    unit = {"d": "days", "w": "weeks", "m": "months", "y": "years"}[letter]
    for name in ("t ({})", "time [{}]", "time_{}", "Time {}", "OS ({})"):
        assert of_name(name.format(letter)) == unit
    assert of_name(letter) == ""
    assert of_name(f"Time {letter} or none") == ""


@pytest.mark.parametrize(
    "name", ["TimeYears", "timeyears", "TIMEYEARS", "OSyears", "SurvivalYears", "Year(s)"]
)
def test_words_that_are_written_together(name):
    assert of_name(name) == "years"


NO_UNIT = [
    "t",
    "x",
    "X",
    "time",
    "Time",
    "follow-up",
    "Time since randomisation",
    "Zeit",
    "y",
    "Curve1",
]
NO_UNIT += [
    "Time since day 1",
    "Time from cycle 1",
    "Time to progression",
    "time point",
    "OS",
    "Time (OS)",
]
NO_UNIT += [
    "Time (since randomisation)",
    "Time in study",
    "Time to an event",
    "Time to second surgery",
]


@pytest.mark.parametrize("name", NO_UNIT)
def test_names_without_a_unit(name):
    assert of_name(name) == ""


REFUSED = [
    "Time (cycles)",
    "Time in quarters",
    "Time (kyr)",
    "t (h)",
    "Time_hours",
    "Zeit in Stunden",
]
REFUSED += [
    "Time (yaers)",
    "Time in moths",
    "Halbjahre",
    "half-years",
    "days (x100)",
    "Time (10^2 days)",
]
REFUSED += [
    "Time (4 weeks)",
    "Time in 3-month steps",
    "12 months",
    "Time since first day of treatment",
]
REFUSED += ["Zeit (Lebensmonate)", "Time (hundreds of days)", "yearly visits"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_looks_like_a_unit_and_is_none_is_refused(name):
    with pytest.raises(UnitError):
        of_name(name)


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(KNOWN, 2)))
def test_two_units_are_refused_and_one_in_brackets_counts(first, second):
    for name in (f"{first}/{second}", f"Time ({first} or {second})", f"{first} and {second}"):
        with pytest.raises(UnitError, match="it names"):
            of_name(name)
    assert of_name(f"Time since {first[:-1]} 1 ({second})") == second
    assert of_name(f"{second} after {first[:-1]} 2") == second


def test_units_named_in_a_text():
    assert named("5-year survival") == named("aged 65 years") == named("y (mo)") == set()
    assert named("Survival by year") == {"years"}
    assert set(UNITS.values()) == set(KNOWN)


@pytest.mark.parametrize("cells", [["(years)", "(%)"], ["months", ""], ["y", "%"], ["[q]", ""]])
def test_a_line_of_units_alone(cells):
    assert only_units(cells)


@pytest.mark.parametrize("cells", [["x", "y"], ["time", "(%)"], ["", ""], ["m", "d"]])
def test_a_line_of_names(cells):
    assert not only_units(cells)
