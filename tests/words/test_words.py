import pytest

import asking
from livingmeta.words import english, measures, models, people


@pytest.mark.parametrize(
    ("word", "many"),
    [
        ("study", "studies"),
        ("included study", "included studies"),
        ("analysis", "analyses"),
        ("day", "days"),
        ("query", "queries"),
        ("record", "records"),
        ("is", "are"),
    ],
)
def test_plural(word, many):
    assert english.plural(1, word) == word
    assert english.plural(0, word) == english.plural(2, word) == many


def test_lists_dates_and_labels():
    assert english.listed([]) == ""
    assert english.listed(["a"]) == "a"
    assert english.listed(["a", "b", "c"]) == "a, b and c"
    assert english.date("2022-05-01") == "1 May 2022"
    assert english.date("spring 2022") == "spring 2022"
    assert english.date("2022-13-01") == "2022-13-01"
    assert english.within("Local treatment") == "local treatment"
    assert english.within("BCG vaccine") == "BCG vaccine"
    assert english.within("HbA1c after a year") == "HbA1c after a year"
    assert english.heading("local_treatment") == "Local treatment"
    assert english.full_stop("done") == "Done."
    assert english.full_stop("Done!") == "Done!"
    assert english.full_stop("τ² is 0") == "τ² is 0."
    assert english.within("Peto") == "Peto"
    assert english.within("Bayesian random effects") == "Bayesian random effects"


@pytest.mark.parametrize(
    ("method", "interval", "name"),
    [
        ("FE", "wald", "Common effect"),
        ("REML", "hksj-guarded", "Random effects (REML), guarded Hartung-Knapp interval"),
        ("PM", "wald", "Random effects (Paule-Mandel), Wald interval"),
    ],
)
def test_models_have_names(method, interval, name):
    assert models.name({"tau2_method": method, "interval": interval, "model": "x"}) == name


def test_methods_of_another_kind_are_called_by_their_id():
    row = {"tau2_method": "ML", "interval": "wald", "model": "GLMM CM.EL"}
    assert models.name(row) == "GLMM CM.EL"
    assert models.name(row | {"model": "trim and fill R0"}) == "Trim and fill R0"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("GLMM UM.FS", "“GLMM UM.FS”"),
        ("Mantel-Haenszel", "“Mantel-Haenszel”"),
        ("Peto", "“Peto”"),
        ("REML hksj", "“random effects (REML), Hartung-Knapp interval”"),
    ],
)
def test_names_of_people_keep_their_capital_within_a_sentence(code, words):
    assert models.of_code(code) == words


def test_models_that_differ_in_their_prediction_interval_have_two_names():
    rows = [
        {"tau2_method": "REML", "interval": "hksj", "model": f"REML hksj{end}"}
        for end in ("", " PI k-2", " PI wald")
    ]
    assert len({models.name(row) for row in rows}) == 3
    assert models.name(rows[1]).endswith("(prediction: k − 2 degrees of freedom)")


@pytest.mark.parametrize(
    ("measure", "kind", "unit"),
    [
        ("IR", "count", "events per month"),
        ("IRD", "count", "events per month"),
        ("IRR", "count", ""),
        ("MD", "continuous", "points"),
        ("MD", "survival", "months"),
        ("SMD", "continuous", ""),
    ],
)
def test_a_number_with_a_unit_says_it(measure, kind, unit):
    outcome = asking.outcome(kind=kind, unit="points")
    assert measures.unit(measure, outcome, "months") == unit


@pytest.mark.parametrize(
    "names",
    [
        ("A. Berg", "Anna Berg"),
        ("Berg A", "Anna Berg"),
        ("Dr. Kim", "Kim"),
        ("Kim S.", "Kim"),
        ("aberg", "Anna Berg"),
        ("AB", "Anna Berg"),
        ("Anna Berg", "Anna M. Berg"),
    ],
)
def test_two_names_that_may_be_of_one_person(names):
    assert people.perhaps_one(*names)
    assert people.perhaps_one(*reversed(names))


@pytest.mark.parametrize(
    "names",
    [
        ("Kim Lee", "Ann Lee"),
        ("A. Berg", "B. Berg"),
        ("Kim", "kim"),  # these are one already
        ("Reviewer", "Reviewer 2"),
        ("AM", "BL"),
        ("A", "B"),
        ("Ann", "Anna"),
        ("Wang Li", "Wei Li"),
    ],
)
def test_two_names_of_two_people(names):
    assert not people.perhaps_one(*names)
