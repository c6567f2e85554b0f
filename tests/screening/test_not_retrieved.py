"""Saying on the screening page that nobody could get a report, in a real browser."""

import pytest
from chromium import FOUND
from pages import keys, text_of

from livingmeta import tables

needs_browser = pytest.mark.skipif(FOUND is None, reason="Chromium is not installed")
HELD = "data/raw/fulltexts/doi_10.1000_13 é#1.pdf"


@pytest.fixture
def cast():
    return {"held": {"doi:10.1000/13": [HELD], "doi:10.1000/3": ["data/raw/fulltexts/x.pdf"]}}


def full_texts(screen):
    screen.run("document.getElementById('stage').value = 'full-text'")
    screen.run("document.getElementById('stage').dispatchEvent(new Event('change'))")


@needs_browser
def test_not_retrieved_is_said_at_full_text_alone_and_downloaded_as_the_log(screen, tmp_path):
    button = "document.querySelector('[data-vote=missing]')"
    keys(screen, "x")
    assert text_of(screen, "count") == "1 of 12 decided"
    assert screen.run(f"{button}.hidden")
    full_texts(screen)
    assert not screen.run(f"{button}.hidden")
    assert screen.run("document.getElementById('texts').hidden")
    screen.run("document.getElementById('note').value = 'library, \"no\"'")
    keys(screen, "x")
    assert text_of(screen, "count") == "1 of 3 decided"
    assert "Not retrieved. 1 of 3 decided" in text_of(screen, "said")
    keys(screen, "xz")  # the second one taken back
    assert text_of(screen, "count") == "1 of 3 decided"
    screen.run("document.getElementById('texts').click()")
    name, text = screen.downloaded()
    assert name.startswith("fulltexts-ada-")
    (tmp_path / name).write_text(text, encoding="utf-8")
    table = tables.read(tmp_path / name, "data/fulltexts")
    told = table[["record", "obtained", "how", "sha256", "note"]].to_numpy().tolist()
    assert told == [["doi:10.1000/12", "no", "", "", 'library, "no"']]
    assert screen.run("document.getElementById('download').disabled")  # it is no vote


@needs_browser
def test_one_record_is_never_both_decided_and_not_retrieved(screen):
    full_texts(screen)
    screen.run("document.getElementById('show').value = 'all'")
    screen.run("document.getElementById('show').dispatchEvent(new Event('change'))")
    keys(screen, "ikx")
    assert "You have decided on this report" in text_of(screen, "said")
    assert text_of(screen, "count") == "1 of 3 decided"
    keys(screen, "jxku")  # the one after it: not retrieved, and then unsure after all
    assert text_of(screen, "count") == "2 of 3 decided"
    assert screen.run("document.getElementById('texts').hidden")


@needs_browser
def test_a_held_text_is_linked_at_full_text(screen):
    links = "[...document.querySelectorAll('#links a')].map((a) => a.getAttribute('href'))"
    keys(screen, "jjj")
    assert not any("fulltexts" in address for address in screen.run(links))
    full_texts(screen)
    keys(screen, "j")
    first = screen.run(links)[0]
    assert first == "../../data/raw/fulltexts/doi_10.1000_13%20%C3%A9%231.pdf"
    assert screen.run("document.querySelector('#links a').textContent") == "Full text (pdf)"
