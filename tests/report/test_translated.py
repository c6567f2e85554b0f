"""HTML in another language: words looked up, marks, numbers and what people wrote as they were."""

import re

import pytest

from livingmeta.report.page import page, translated
from livingmeta.words import language
from livingmeta.words.language import Language
from made_up_review import FLOW, made_up_figures, made_up_tables, protocol

SAID = {
    "Hazard ratio {1};": "Hazard Ratio {1};",
    "from {1} of {2} studies.": "aus {1} von {2} Studien.",
    "low": "niedrig",
    "How sure:": "Vertrauen:",
    "{1} to {2}": "{1} bis {2}",
    "Studies": "Studien",
    "{1} May {2}": "{1}. Mai {2}",
    "what differs": "was anders ist",
    "Heterogeneity & more": "Heterogenität & mehr",
}


def german(said):
    return str(translated.html(said, Language("de", SAID, ["Kim 2021"])))


def num(id_, text):
    return f'<span class="num" data-id="{id_}">{text}</span>'


def test_numbers_keep_their_ids_wherever_the_sentence_puts_them():
    k, n = num("k", 3), num("n", 9)
    said = f"<p>Hazard ratio {num('a', '0.2 to 0.5')}; from {k} of {n} studies.</p>"
    there = f"<p>Hazard Ratio {num('a', '0.2 bis 0.5')}; aus {k} von {n} Studien.</p>"
    assert german(said) == there


def test_what_stands_inside_a_sentence_is_said_too_and_so_is_what_is_read_out():
    said = (
        '<td data-head="Studies">How sure: <strong>low</strong><br>'
        '<a href="#plan">what differs</a></td>'
    )
    assert german(said) == (
        '<td data-head="Studien">Vertrauen: <strong>niedrig</strong><br>'
        '<a href="#plan">was anders ist</a></td>'
    )


def test_what_people_wrote_stays():
    said = "<p data-raw>low <b>low</b></p><code>low</code><span data-raw>Studies</span>"
    assert german(said) == said
    assert german("<b data-raw>low, 1 May 2022</b>") == "<b data-raw>low, 1. Mai 2022</b>"
    said = f"<td data-raw>low {num('a', '0.2 to 0.5')}</td>"
    assert german(said) == said.replace("to", "bis")


def test_signs_of_html_stay_signs():
    assert german("<h2>Heterogeneity &amp; more</h2><td>a &lt; b</td>") == (
        "<h2>Heterogenität &amp; mehr</h2><td>a &lt; b</td>"
    )


def test_letters_of_symbol_fonts_stay():
    said = "<p>low \uf0b7 low \ue000 <b>low</b></p><p data-raw>\uf0b7 low</p>"
    there = "<p>niedrig \uf0b7 niedrig \ue000 <b>niedrig</b></p><p data-raw>\uf0b7 low</p>"
    assert german(said.replace("low ", "How sure: ", 1)).startswith("<p>")
    assert german("<p data-raw>\uf0b7 low \ue000</p>") == "<p data-raw>\uf0b7 low \ue000</p>"
    assert german(said).count("\uf0b7") == there.count("\uf0b7")
    assert german(said).count("\ue000") == 1


def test_drawings_and_their_places_stay():
    said = (
        '<figure id="f"><drawing name="forest-os"></drawing><figcaption>low</figcaption></figure>'
    )
    assert german(said) == said.replace("low", "niedrig")


def test_english_is_the_same_to_the_letter():
    said = "<p>Low &amp;  high\n <b>x</b></p>"
    assert translated.html(said, Language("en", {})) == said


@pytest.mark.heavy
def test_the_made_up_report_says_the_same_in_german_with_the_same_numbers():
    plan = protocol()
    found = made_up_tables(plan)
    figures = made_up_figures(plan, found)
    english = page.render(plan, found, FLOW, figures, agreement={})
    spoken = language.read("de", page.named(plan, found))
    there = page.render(plan, found, FLOW, figures, agreement={}, spoken=spoken)
    assert '<html lang="de">' in there.html
    assert "Heterogenität" in there.html

    def ids(report):
        return sorted(re.findall(r'data-id="([^"]+)"', report.html))

    assert ids(there) == ids(english)
    assert there.numbers == english.numbers
    anchors = [[s.anchor for s in one.content.sections] for one in (english, there)]
    assert anchors[0] == anchors[1]
    # What stays is what this review's own names and words make of a sentence.
    assert len(spoken.missing) <= 12, sorted(spoken.missing)
