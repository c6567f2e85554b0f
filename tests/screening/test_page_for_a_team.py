"""What the screening page tells of the votes before, and the words that a person marks."""

import pandas as pd
import pytest
from chromium import FOUND
from pages import NASTY, keys, text_of

VOTES = pd.DataFrame(
    [
        ["doi:10.1000/12", "title-abstract", "bob", "include", "", NASTY],
        ["doi:10.1000/12", "title-abstract", "ada", "exclude", "animals", ""],
    ],
    columns=["record_id", "stage", "reviewer", "decision", "reason", "note"],
)
needs_browser = pytest.mark.skipif(FOUND is None, reason="Chromium is not installed")


@pytest.fixture
def cast():
    return {"votes": VOTES}


@needs_browser
def test_the_votes_on_title_and_abstract_stand_beside_the_full_text(screen):
    assert screen.run("document.getElementById('screened').hidden")
    screen.run("document.getElementById('stage').value = 'full-text'")
    screen.run("document.getElementById('stage').dispatchEvent(new Event('change'))")
    told = f"On title and abstract: ada exclude (Not in <i>people</i>); bob include “{NASTY}”"
    assert text_of(screen, "screened") == told
    keys(screen, "j")
    assert screen.run("document.getElementById('screened').hidden")


@needs_browser
def test_words_of_ones_own_are_marked_and_kept(screen):
    marks = "[...document.querySelectorAll('mark.mine')].map((n) => n.textContent)"
    assert screen.run(marks) == []
    screen.run("document.getElementById('own-words').value = 'placebos, RECORD'")
    screen.run("document.getElementById('own-words').dispatchEvent(new Event('change'))")
    assert screen.run(marks) == ["Record", "placebo"]
    screen.open(screen.requests[0].removeprefix("file://"))
    assert screen.run(marks) == ["Record", "placebo"]
