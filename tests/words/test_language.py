"""The report in another language: clauses looked up, names carried over, nothing guessed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingmeta import protocol, tables
from livingmeta.words import language
from livingmeta.words.language import Language, LanguageError

SAID = {
    "Not pooled;": "Nicht gepoolt;",
    "the studies range from {1}.": "die Studien reichen von {1}.",
    "{1} to {2}": "{1} bis {2}",
    "In favour of {1}.": "Zugunsten von {1}.",
    "{1} of {2} studies with {3}": "{3}: {1} von {2} Studien",
    "Nothing": "Nichts",
    "no treatment": "keine Behandlung",
    "and": "und",
    "Searched to {1};": "Gesucht bis {1};",
    "{1} May {2}": "{1}. Mai {2}",
}


def german(*names):
    return Language("de", SAID, names)


def test_clauses_are_put_together_from_their_own_rows():
    assert german().text("Not pooled; the studies range from 0.2.") == (
        "Nicht gepoolt; die Studien reichen von 0.2."
    )


def test_numbers_dates_and_quotations_keep_their_words_and_may_change_places():
    spoken = german("Radiotherapy")
    assert spoken.text("3 of 10 studies with radiotherapy") == "Radiotherapy: 3 von 10 Studien"
    assert spoken.text("Searched to 1 May 2022;") == "Gesucht bis 1. Mai 2022;"
    assert spoken.text("In favour of “what they wrote: this”. Not pooled;") == (
        "Zugunsten von “what they wrote: this”. Nicht gepoolt;"
    )


def test_a_slot_holds_what_the_review_names_what_has_a_row_or_a_list_of_these():
    spoken = german("Surgery", "ablation")
    assert spoken.text("In favour of surgery.") == "Zugunsten von Surgery."
    assert spoken.text("In favour of no treatment.") == "Zugunsten von keine Behandlung."
    assert spoken.text("In favour of surgery, ablation and no treatment.") == (
        "Zugunsten von Surgery, ablation und keine Behandlung."
    )
    assert not spoken.missing


def test_a_name_in_which_a_sentence_seems_to_end_is_one_name():
    spoken = german("Survival: matched; all designs")
    assert spoken.text("Not pooled; in favour.") == "Nicht gepoolt; in favour."
    assert spoken.text("In favour of Survival: matched; all designs. Not pooled;") == (
        "Zugunsten von Survival: matched; all designs. Nicht gepoolt;"
    )
    assert spoken.missing == {"in favour.": 1}


def test_a_sentence_that_only_looks_like_a_row_stays_in_english_and_is_counted():
    spoken = german("surgery")
    said = "In favour of surgery is nothing."
    assert spoken.text(said) == said
    assert spoken.text(f"{said} Not pooled;") == f"{said} Nicht gepoolt;"
    assert spoken.missing == {said: 2}
    spoken.text("Nothing of 12.5% is known.")
    assert spoken.missing["Nothing of {1} is known."] == 1


def test_one_row_serves_a_clause_whatever_sign_ends_it():
    spoken = german()
    assert spoken.text("Nothing; Nothing: Nothing.") == "Nichts; Nichts: Nichts."
    assert not spoken.missing


def test_one_month_is_said_as_of_several_in_the_singular():
    said = {
        "at {1} months": "nach {1} Monaten",
        "month": "Monat",
        "up to {1} weeks": "bis {1} Wochen",
    }
    spoken = Language("de", said)
    assert spoken.text("at 1 month") == "nach 1 Monat"
    assert spoken.text("at 1 month.") == "nach 1 Monat."
    assert spoken.text("at \ue000 month") == "nach \ue000 Monat"  # a number of the page
    assert spoken.text("at 21 months") == "nach 21 Monaten"
    assert spoken.text("up to 1 week") == "bis 1 Wochen"  # whose singular nobody gave
    assert spoken.text("at 1 year") == "at 1 year"


def test_english_is_what_was_said():
    spoken = language.read("en")
    assert spoken.text("In favour of surgery.") == "In favour of surgery."
    assert not spoken.missing


@pytest.mark.parametrize("there", ["{1}", "{1} {2} {2}", "{1} {3}"])
def test_a_row_that_loses_or_doubles_what_it_names_is_refused(there):
    with pytest.raises(LanguageError, match="slots"):
        Language("de", {"{1} against {2}": there})


@given(st.text(alphabet="In favour of surgery12.5%;: {}“”/\n", max_size=60))
def test_whatever_is_said_no_number_is_lost_or_changed(words):
    def numbers(text):
        return sorted(re.findall(r"\d+", text))

    assert numbers(german("surgery").text(words)) == numbers(words)


@pytest.mark.parametrize(
    ("english", "there"),
    [("2,039", "2\u202f039"), ("−1,234,567.5%", "−1\u202f234\u202f567.5%"), ("1,23", "1,23")],
)
def test_thousands_are_not_parted_by_what_is_a_decimal_sign_there(english, there):
    assert german().text(english) == there
    assert Language("en", {}).text(english) == english


def test_a_figure_is_drawn_in_its_language_and_the_next_is_not(monkeypatch):
    monkeypatch.setattr(language, "_said", lambda code: SAID)
    assert language.drawn("de", [], language.in_figure, "no treatment") == "keine Behandlung"
    assert language.in_figure("no treatment") == "no treatment"


@pytest.mark.parametrize("code", language.TABLES)
def test_the_tables_of_translations_are_whole(code):
    table = tables.read(language.FOLDER / language.TABLES[code], "report/language")
    language.read(code)  # slots on both sides
    for english in table["english"]:
        assert language.KEPT.search(re.sub(r"\{\d+\}", "", english)) is None, english
        assert re.search(r"[^\W\d_]", re.sub(r"\{\d+\}", "", english)), english
        assert " ".join(english.split()) == english
    assert list(table["english"]) == sorted(table["english"])
    said = dict(zip(table["english"], table["said"], strict=True))
    for english, there in said.items():  # no row twice for the sign at its end
        if english[-1] in language.SIGNS:
            assert said.get(english[:-1], "") + english[-1] != there, english


def test_the_protocol_knows_the_languages_there_are():
    asked = protocol._schema()["properties"]["report"]["properties"]["language"]["enum"]
    assert asked == [language.ENGLISH, *language.TABLES]
