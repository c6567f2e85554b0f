"""Calling a record a duplicate of another one while screening, in a real browser."""

import pytest
from chromium import FOUND
from pages import html, keys, made, start, text_of

from livingmeta import tables

needs_browser = pytest.mark.skipif(FOUND is None, reason="Chromium is not installed")


@needs_browser
def test_a_duplicate_is_told_while_screening(screen, tmp_path):
    """By a record of the list or an identifier; undone like a vote; downloaded as settled pairs."""
    keys(screen, "p")
    screen.wait("document.getElementById('ask-duplicate').open")
    assert "Record 2" in text_of(screen, "others")
    screen.type("colchicine 7")
    assert text_of(screen, "others").startswith("Record 7 on colchicine · Smith, A · 2020")
    screen.run("document.querySelector('#others button').click()")
    assert text_of(screen, "count") == "2 of 12 decided"
    assert "Duplicate. 2 of 12 decided" in text_of(screen, "said")
    keys(screen, "p")
    for typed, wrong in (("", "Choose one"), ("doi:10.1000/1", "this record itself")):
        screen.run("document.getElementById('other').value = ''")
        screen.type(typed)
        screen.run("document.querySelector('#ask-duplicate .strong').click()")
        assert wrong in text_of(screen, "other-wrong")
    screen.run("document.getElementById('other').value = 'https://doi.org/10.1000/ABC'")
    screen.run("document.querySelector('#ask-duplicate .strong').click()")
    assert not screen.run("document.getElementById('ask-duplicate').open")
    keys(screen, "iz")  # the vote goes first, then the pair
    assert text_of(screen, "count") == "3 of 12 decided"
    keys(screen, "z")
    assert text_of(screen, "count") == "2 of 12 decided"
    screen.run("document.getElementById('pairs').click()")
    name, text = screen.downloaded()
    assert name.startswith("duplicates-ada-")
    (tmp_path / name).write_text(text, encoding="utf-8")
    table = tables.read(tmp_path / name, "data/duplicates")
    told = table[["record", "other", "decision", "decided_by"]].to_numpy().tolist()
    assert told == [["doi:10.1000/0", "doi:10.1000/7", "same", "ada"]]
    assert screen.run("document.getElementById('download').disabled")


@needs_browser
def test_the_record_that_two_have_become_is_asked_for(opened, tmp_path):
    """After the next run the page may hold the joined record under the name of the duplicate."""
    file = tmp_path / "screen.html"
    file.write_text(html(*made()), encoding="utf-8")
    start(opened, file)
    keys(opened, "p")
    opened.run("document.querySelector('#others button').click()")
    assert text_of(opened, "count") == "2 of 12 decided"
    opened.run("document.getElementById('pairs').click()")
    opened.downloaded()
    opened.open(file)  # the same page: still told
    assert text_of(opened, "count") == "2 of 12 decided"
    queue, records = made()
    file.write_text(html(queue[queue.index != 7], records), encoding="utf-8")
    opened.open(file)
    assert text_of(opened, "count") == "1 of 11 decided"
    assert text_of(opened, "title") == "Record 0 on colchicine"
    assert opened.run("document.getElementById('pairs').hidden")
    opened.run("localStorage.clear()")
