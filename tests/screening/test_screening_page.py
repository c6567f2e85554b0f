"""What the screening page carries, and what it must not."""

import json
import re

from pages import NASTY, VOTES, html, made


def content(text):
    """What the page carries for its script."""
    return json.loads(re.search(r'<script id="content"[^>]*>(.*?)</script>', text, re.DOTALL)[1])


def test_the_page_holds_nobodys_decision():
    held = content(html(*made()))
    assert held["voted"]["bob"] == {"title-abstract": ["doi:10.1000/4"]}
    other = VOTES.assign(decision="include", reason="because", note="secret")
    assert content(html(*made(), votes=other)) == held
    assert "secret" not in html(*made(), votes=other)


def test_text_of_records_cannot_leave_its_place():
    text = html(*made())
    assert text.count("<script") == text.count("</script>") == 2
    assert "<img" not in text
    assert "<b>Reviews" not in text
    assert content(text)["records"][1][2] == NASTY


def test_the_page_asks_nothing_of_the_network():
    text = html(*made())
    assert "default-src 'none'" in text
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', text)


def test_the_same_data_give_the_same_page():
    assert html(*made()) == html(*made(), votes=VOTES.sample(frac=1, random_state=1))


def test_an_empty_queue_is_a_page_too():
    held = content(html(*made(0, 0), votes=VOTES[:0]))
    assert held["records"] == []
    assert held["voted"] == {}
