"""What the screening page carries, and what it must not."""

import json
import re

import pandas as pd
from pages import NASTY, VOTES, html, made

from livingmeta.screening import page


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


def cast(ids, reviewer, stage="title-abstract"):
    """Votes of one reviewer on some records."""
    names = [f"doi:10.1000/{i}" for i in ids]
    rows = {"record_id": names, "stage": stage, "reviewer": reviewer, "decision": "exclude"}
    return pd.DataFrame(rows)


def on_page(held, stage="title-abstract"):
    """The numbers of the records on the page, in their order."""
    return [int(row[0].split("/")[1]) for row in held["records"] if row[1] == stage]


def test_of_a_long_queue_the_page_holds_the_first_and_says_how_many_wait(monkeypatch):
    monkeypatch.setattr(page, "MOST", 12)
    text = html(*made(100, 5), votes=VOTES[:0])
    held = content(text)
    assert on_page(held) == list(range(12))
    assert on_page(held, "full-text") == list(range(100, 105))
    assert held["beyond"] == {"title-abstract": 88}
    assert "88 more" in text
    assert "more\nwait" not in html(*made(12, 5), votes=VOTES[:0])
    assert content(html(*made(12, 12), votes=VOTES[:0]))["beyond"] == {}


def test_a_reviewer_who_has_read_all_on_the_page_gets_the_next_ones(monkeypatch):
    """Though the second reviewer, whose votes are missing, has still to read the first ones."""
    monkeypatch.setattr(page, "MOST", 12)
    held = content(html(*made(100, 0), votes=cast(range(20), "ada")))
    assert on_page(held) == [*range(6), *range(20, 26)]
    assert held["beyond"] == {"title-abstract": 88}
    assert len(held["voted"]["ada"]["title-abstract"]) == 20  # those beyond the page too
    both = pd.concat([cast(range(20), "ada"), cast(range(40, 45), "bob")])
    held = content(html(*made(100, 0), votes=both))
    assert on_page(held) == [*range(6), *range(20, 26)]  # what bob has read lies far behind
    elsewhere = cast(range(20), "ada", "full-text")
    assert on_page(content(html(*made(100, 0), votes=elsewhere))) == list(range(12))


def test_a_record_in_doubt_is_for_everybody_to_read_again(monkeypatch):
    monkeypatch.setattr(page, "MOST", 12)
    queue, records = made(100, 0)
    queue.loc[3, "state"] = "unsure"
    held = content(html(queue, records, votes=cast(range(20), "ada")))
    assert on_page(held) == [*range(7), *range(20, 25)]
    assert held["again"] == ["doi:10.1000/3"]


def test_read_in_rounds_every_record_is_asked_for_once(monkeypatch):
    """Two reviewers who read at their own pace: nobody waits for the other, none is left out."""
    monkeypatch.setattr(page, "MOST", 12)
    queue, records = made(100, 0)
    read = {"ada": [], "bob": []}
    for turn in range(60):
        votes = pd.concat([cast(ids, who) for who, ids in read.items() if ids] or [VOTES[:0]])
        done = {f"doi:10.1000/{i}" for i in set(read["ada"]) & set(read["bob"])}
        held = content(html(queue[~queue["record_id"].isin(done)], records, votes=votes))
        who = "bob" if turn % 3 == 2 else "ada"
        to_read = [i for i in on_page(held) if i not in read[who]]
        assert to_read or len(read[who]) == 100
        assert len(on_page(held)) + held["beyond"].get("title-abstract", 0) == 100 - len(done)
        read[who] += to_read
    assert sorted(read["ada"]) == sorted(read["bob"]) == list(range(100))


def test_at_full_text_what_was_voted_on_title_and_abstract_is_told():
    votes = pd.DataFrame(
        [
            ["doi:10.1000/12", "title-abstract", "bob", "unsure", "", NASTY],
            ["doi:10.1000/12", "title-abstract", "ada", "include", "animals", ""],
            ["doi:10.1000/13", "full-text", "ada", "exclude", "animals", "blind"],
            ["doi:10.1000/1", "title-abstract", "ada", "exclude", "", "blind"],
        ],
        columns=["record_id", "stage", "reviewer", "decision", "reason", "note"],
    )
    text = html(*made(), votes=votes)
    assert content(text)["screened"] == {
        "doi:10.1000/12": [["ada", "include", "animals", ""], ["bob", "unsure", "", NASTY]]
    }
    assert "blind" not in text
