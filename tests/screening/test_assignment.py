"""Who reads what: batches that stay as they are, and a pilot that everybody reads."""

import json
import random
import re

import pandas as pd
import pytest
from chromium import FOUND
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import REVIEW, keys, made, start, text_of

import asking
from livingmeta import plan, protocol, tables
from livingmeta.errors import InputError
from livingmeta.screening import agreement, assignment, decisions, page, progress, stopping

KIM, LEE, ADA = "kim", "Lee", "ada"
PAIRS = [[KIM, LEE], [KIM, ADA], [LEE, ADA]]
NOBODY = pd.DataFrame(columns=["record_id", "stage", "reviewer"])
needs_browser = pytest.mark.skipif(FOUND is None, reason="Chromium is not installed")


def assign(batches=PAIRS, pilot=0):
    return plan.Assign.of({"batches": batches, "pilot": pilot})


def records(n, start=0):
    names = [f"doi:10.1000/{i}" for i in range(start, start + n)]
    return pd.DataFrame({"record_id": names, "title": "T", "identifiers": names})


def cast(*rows, columns=("record_id", "stage", "reviewer")):
    return pd.DataFrame(rows, columns=list(columns))


def test_each_batch_gets_its_share():
    found = pd.Series(assignment.batches(records(6000), NOBODY, assign()))
    shares = found.value_counts(normalize=True)
    assert len(shares) == 3
    assert shares.between(0.31, 0.36).all()
    twice = assignment.batches(records(6000), NOBODY, assign([*PAIRS, [LEE, KIM]]))
    shares = pd.Series(twice).map(frozenset).value_counts(normalize=True)
    assert 0.47 < shares[frozenset([KIM, LEE])] < 0.53


@given(seed=st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_further_records_and_batches_leave_what_is_assigned(seed):
    draw = random.Random(seed)
    known = records(draw.randrange(1, 80), start=draw.randrange(10**6))
    before = assignment.batches(known, NOBODY, assign())
    more = pd.concat([known, records(50, start=10**7)]).sample(frac=1, random_state=seed % 2**31)
    after = assignment.batches(more, NOBODY, assign())
    assert {r: after[r] for r in before} == before
    moved = assignment.batches(known, NOBODY, assign([*PAIRS, ["new", KIM]]))
    assert all(now in (before[r], ("new", KIM)) for r, now in moved.items())


def test_whoever_has_voted_on_a_record_keeps_it():
    known = records(60)
    votes = cast(*((r, "title-abstract", "ADA ") for r in known["record_id"]))
    assert all(ADA in batch for batch in assignment.batches(known, votes, assign()).values())


def test_no_later_search_takes_a_record_out_of_the_pilot():
    known, more = records(40), records(400, start=1000)
    days = dict.fromkeys(known["record_id"], "2026-01-01")
    later = days | dict.fromkeys(more["record_id"], "2026-02-01")
    first = assignment.pilot(known, NOBODY, days, assign(pilot=15))
    assert len(first) == 15
    whole = pd.concat([more, known])
    assert assignment.pilot(whole, NOBODY, later, assign(pilot=15)) == first
    assert assignment.pilot(known, NOBODY, days, assign(pilot=99)) == {*known["record_id"]}
    # Of the same day: what the pilot has begun on stays.
    same = dict.fromkeys([*known["record_id"], *more["record_id"]], "2026-01-01")
    votes = cast(*((r, "title-abstract", w) for r in sorted(first)[:8] for w in (KIM, LEE, ADA)))
    assert first & set(sorted(first)[:8]) <= assignment.pilot(whole, votes, same, assign(pilot=15))


COLUMNS = ("record", "stage", "reviewer", "decision", "decided_on")


def test_a_record_of_the_pilot_waits_until_all_have_read_it():
    known, asked = records(30), assign(pilot=4)
    first = sorted(assignment.pilot(known, NOBODY, {}, asked))
    other = next(r for r in known["record_id"] if r not in first)
    rows = [(r, "title-abstract", KIM, "include", "2026-01-01") for r in [*first, other]]
    rows += [(r, "title-abstract", LEE, "include", "2026-01-02") for r in [*first[1:], other]]
    rows += [(r, "title-abstract", ADA, "exclude", "2026-01-03") for r in first[3:]]
    rows += [(first[2], "title-abstract", ADA, "include", "2026-01-03")]
    found = decisions.resolve(
        known,
        cast(*rows, columns=COLUMNS),
        reviewers=2,
        reasons=[],
        pilot=assignment.of_pilot(known, {}, asked),
    )
    waits = found.awaiting.set_index("record_id")
    assert {*first[:2]} <= {*waits.index[waits["stage"] == "title-abstract"]}  # ada is missing
    assert {first[2], other} == {*waits.index[waits["stage"] == "full-text"]}
    assert found.conflicts["record_id"].tolist() == [first[3]]
    measured = agreement.measure(found.original, first)
    assert measured["pilot"]["records"] == 4
    assert measured["pilot"]["reviewers"] == ["Lee", "ada", "kim"]
    assert measured["title-abstract"]["records"] == 5
    assert agreement.measure(found.original) == {k: measured[k] for k in ["title-abstract"]}


def test_progress_counts_against_what_falls_to_each(tmp_path):
    known, asked = records(30), assign([[KIM, LEE], [KIM, "new"]], pilot=3)
    own = assignment.batches(known, NOBODY, asked)
    mine = [r for r in own if LEE in own[r]]
    rows = [(mine[0], "title-abstract", LEE, "include", "2026-01-01")]
    found = decisions.resolve(
        known,
        cast(*rows, columns=COLUMNS),
        reviewers=2,
        reasons=[],
        pilot=assignment.of_pilot(known, {}, asked),
    )
    who = assignment.readers(known, found.original, {}, asked)
    table = progress.by_person(found, who).set_index(["stage", "reviewer"])
    first = assignment.pilot(known, found.original, {}, asked)
    falls = len({*mine, *first})
    assert table.loc[("title-abstract", LEE)].tolist()[:2] == [falls, 1]
    assert table.loc[("title-abstract", LEE), "waiting"] == falls - 1
    assert table.loc[("title-abstract", KIM)].tolist()[:2] == [30, 0]
    assert table.loc[("full-text", KIM)].tolist()[:2] == [0, 0]
    tables.write(table.reset_index(), tmp_path / "progress.csv", "screening/progress")


WRONG = {
    "{batches: [[kim, consensus]]}": "consensus settles what people differ on",
    "{batches: [[kim, Kim]]}": "kim, Kim names somebody twice",
    "{batches: [[kim, lee], [ada]]}": "[ada] are 1, and a record needs screening.reviewers: 2",
    "{pilot: 5}": "name in screening.assign.batches who reads it",
    "{pilots: 5}": "pilots",
}


@pytest.mark.parametrize("given", WRONG)
def test_batches_that_cannot_be_are_refused_before_anything_runs(given, tmp_path):
    (tmp_path / "config.yaml").write_text(
        "review: {title: T, question: {population: P, intervention: I, outcomes: O}}\n"
        f"screening: {{assign: {given}}}\n"
        "arms: {a: {label: A}}\noutcomes: {o: {label: O, kind: binary}}\n"
        "syntheses: {s: {title: S, outcome: o, measure: PLO, arms: [a]}}\n"
    )
    with pytest.raises(protocol.ProtocolError, match=re.escape(WRONG[given])):
        protocol.complete(protocol.read(tmp_path / "config.yaml"))


def test_a_machine_reads_for_nobody():
    declared = pd.DataFrame({"reviewer": ["LEE"], "kind": ["machine"]})
    with pytest.raises(InputError, match="'Lee' is a machine"):
        assignment.must_be_people(assign(), declared)


def team_page(n=12):
    """A page of three people, and who reads each record of it."""
    screening = asking.screening(assign={"batches": PAIRS, "pilot": 2})
    queue, known = made(n)
    who = assignment.readers(known, NOBODY, {}, screening.assign)
    first = assignment.pilot(known[:n], NOBODY, {}, screening.assign)
    queue = assignment.told(queue.assign(rank=0), who, first)
    statement = stopping.statement([True, False], n)
    votes = pd.DataFrame(columns=["record_id", "stage", "reviewer", "decision"])
    text = page.render(queue, known, votes, review=REVIEW, screening=screening, statement=statement)
    return text, queue, first


def test_the_pilot_stands_in_front_and_the_others_keep_their_order():
    text, queue, first = team_page()
    held = json.loads(re.search(r'<script id="content"[^>]*>(.*?)</script>', text, re.DOTALL)[1])
    names = [row[0] for row in held["records"] if row[1] == "title-abstract"]
    assert set(names[:2]) == first
    assert names[2:] == [f"doi:10.1000/{i}" for i in range(12) if f"doi:10.1000/{i}" not in first]
    assert queue.loc[queue["stage"] == "title-abstract", "rank"].tolist() == [*range(1, 13)]
    assert held["team"] == [KIM, LEE, ADA]


@needs_browser
def test_the_page_shows_each_person_their_own_queue(opened, tmp_path):
    file = tmp_path / "screen.html"
    text, queue, _ = team_page()
    file.write_text(text, encoding="utf-8")
    start(opened, file, " LEE")
    there = queue[queue["stage"] == "title-abstract"]
    mine = there["readers"].str.contains(LEE).sum()
    assert 2 < mine < 12
    assert text_of(opened, "count") == f"0 of {mine} decided"
    assert "pilot round, read by all" in text_of(opened, "place")
    keys(opened, "jj")
    assert "pilot round" not in text_of(opened, "place")
    opened.run("document.getElementById('who').click()")
    opened.run("document.getElementById('name').value = ''")
    opened.type("nobody")
    opened.key("Enter")
    assert text_of(opened, "count") == "0 of 12 decided"
    told = "No batch of the protocol names you, so all records are here. Those it names: "
    assert text_of(opened, "notice") == f"{told}kim, Lee, ada."
    assert opened.errors == []
    opened.run("localStorage.clear()")
