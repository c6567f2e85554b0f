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
        ("M\u00fcller", "Mueller"),
        ("M\u00fcller", "M\u00c3\u00bcller"),  # UTF-8 opened as Windows-1252
        ("M\u00fcller", "M\u0178ller"),  # that of an old Mac
        ("M\u00fcller", "M?ller"),
        ("Muller", "Mueller"),
        ("S\u00f8rensen", "Sorensen"),
        ("J\u00f8rgen", "Joergen"),
        ("\u0141ukasz", "Lukasz"),
        ("Y\u0131ld\u0131z", "Yildiz"),
        ("\u0110\u1eb7ng", "Dang"),
        ("M\u00e6land", "Maeland"),
        ("Schmidt", "Schmit"),
        ("Schneider", "Schnieder"),
        ("Anna Bergmann", "Anna Bergman"),
        ("Kim", "Kim 2"),
        ("Kim Lee", "Dr Lee"),
        ("Reviewer 1", "R1"),
        ("Reviewer One", "Reviewer 1"),
        ("aberg@uni.de", "Anna Berg"),
        ("anna.berg@uni.de", "A. Berg"),
        ("JP Dupont", "Jean-Pierre Dupont"),
        ("Dupont JP", "Jean Pierre Dupont"),
        ("Max Weber", "Maximilian Weber"),
        ("Jones, Mike", "Michael Jones"),
        ("Liz Kim", "Elizabeth Kim"),
        ("Kathrin Wei\ufffd", "K. Weiss"),
        ("K. M?ller", "Kathrin M\u00fcller"),
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
        ("Wei Zhang", "Wei Zheng"),
        ("Kim", "Kang"),
        ("Li", "Liu"),
        ("Chang", "Zhang"),
        ("Jansen", "Jensen"),
        ("Meier", "Meyer"),
        ("M\u00fcller", "M\u00f6ller"),
        ("Daniel", "Daniela"),
        ("Christian Meier", "Christina Meier"),
        ("Andrea", "Andreas"),
        ("Christina", "Christine"),
        ("Kim 1", "Kim 2"),
        ("R1", "Reviewer Two"),
        ("Kim", "Consensus"),
        ("aberg@uni.de", "bberg@uni.de"),
        ("kim@uni.de", "lee@uni.de"),
        ("Uni de Vries", "kim@uni.de"),
        ("Max Weber", "Maximilian Berg"),
        ("Liz Kim", "Mike Kim"),
        ("JM Dupont", "Jean-Pierre Dupont"),
        ("Li Wei", "Wang Wei"),
        ("Kim?", "Kimm"),
        ("K. M?ller", "Kathrin Miehler"),
    ],
)
def test_two_names_of_two_people(names):
    assert not people.perhaps_one(*names)
    assert not people.perhaps_one(*reversed(names))


@pytest.mark.parametrize(
    ("name", "group"),
    [
        *((name, True) for name in ("both", "All reviewers", "Team", "Konsens", "consenso")),
        *((name, True) for name in ("agreed", "les deux ensemble", "wir beide", "todos")),
        *((name, True) for name in ("Beide Reviewer", "both reviewers", "Konsens Kim/Lee")),
        *(
            (name, False)
            for name in ("Kim", "Consensus (Kim, Ann)", "Alle Berg", "ALL", "R1", "Reviewer 2")
        ),
    ],
)
def test_names_of_several_people(name, group):
    assert people.is_a_group(name) is group


def test_who_is_said_to_be_a_person_is_not_asked_about():
    names = {"Schmidt", "Schmit", "Alle", "Kim"}
    assert people.doubtful(names, []) == [("Alle",), ("Schmidt", "Schmit")]
    assert people.doubtful(names, ["alle", "schmidt", "schmit"]) == []


def test_one_month_is_no_months():
    assert [english.of_time(t, "months") for t in (1, 1.0, 6, 0.5, None)] == [
        *("month", "month", "months", "months", "months")
    ]
