"""The screening page in a real browser: keys, undo, reload, files, and twenty thousand records."""

from datetime import date

import pandas as pd
import pytest
from chromium import FOUND
from pages import NASTY, SCREENING, VOTES, downloaded, html, keys, made, rows, start, text_of

from livingmeta import tables
from livingmeta.screening import decisions, page

needs_browser = pytest.mark.skipif(FOUND is None, reason="Chromium is not installed")


@needs_browser
def test_keys_decide_and_go_on(screen):
    assert text_of(screen, "title") == "Record 0 on colchicine"
    assert text_of(screen, "count") == "1 of 12 decided"  # one stands in decisions.csv
    keys(screen, "ie")
    assert text_of(screen, "title") == "Record 2 on colchicine"
    keys(screen, "u")
    assert text_of(screen, "title") == "Record 4 on colchicine"  # 3 was decided before
    assert text_of(screen, "count") == "4 of 12 decided"
    assert "Unsure. 4 of 12 decided. Next: Record 4" in text_of(screen, "said")


@needs_browser
def test_what_a_machine_said_is_shown_after_ones_own_decision_only(opened, tmp_path):
    file = tmp_path / "machines.html"
    said = {"title-abstract": {"doi:10.1000/0": {"bot <3>": "exclude"}}}
    file.write_text(html(*made(), machines=said), encoding="utf-8")
    start(opened, file)
    hidden = "document.getElementById('machines').hidden"
    assert text_of(opened, "title") == "Record 0 on colchicine"
    assert opened.run(hidden)
    assert text_of(opened, "machines") == ""
    keys(opened, "i")
    opened.run("document.getElementById('show').value = 'all'")
    opened.run("document.getElementById('show').dispatchEvent(new Event('change'))")
    keys(opened, "k")
    assert text_of(opened, "title") == "Record 0 on colchicine"
    assert not opened.run(hidden)
    assert text_of(opened, "machines") == "bot <3> (a machine, which decides nothing): exclude"
    keys(opened, "z")
    assert opened.run(hidden)
    assert text_of(opened, "machines") == ""
    opened.run("localStorage.clear()")


@needs_browser
def test_the_download_is_a_file_of_decisions(screen, tmp_path):
    # Midnight may strike between a decision and its download.
    days = {date.today().isoformat()}
    screen.key("n")
    screen.type('dose "high", n = 12; über')
    screen.key("Escape")
    keys(screen, "i")
    keys(screen, "r")
    screen.wait("document.getElementById('ask-reason').open")
    screen.key("2")
    keys(screen, "u")
    screen.key("r")
    screen.run("document.getElementById('reason').focus()")
    screen.type("too old")
    screen.key("Enter")
    name, text = downloaded(screen)
    days.add(date.today().isoformat())
    assert name in {f"decisions-ada-{day}.csv" for day in days}
    got = rows(text)
    assert list(got[0]) == [
        "record",
        "stage",
        "reviewer",
        "decision",
        "reason",
        "decided_on",
        "note",
    ]
    assert [(r["record"], r["decision"], r["reason"]) for r in got] == [
        ("doi:10.1000/0", "include", ""),
        ("doi:10.1000/1", "exclude", "animals"),
        ("doi:10.1000/2", "unsure", ""),
        ("doi:10.1000/4", "exclude", "too old"),
    ]
    assert got[0]["note"] == 'dose "high", n = 12; über'
    assert {r["stage"] for r in got} == {"title-abstract"}
    assert {r["decided_on"] for r in got} <= days
    file = tmp_path / "decisions.csv"
    file.write_text(text, encoding="utf-8")
    read = tables.read(file, "data/decisions")
    _, records = made()
    resolved = decisions.resolve(records, read, reviewers=1, reasons=SCREENING.reasons)
    assert len(resolved.excluded) == 2


@needs_browser
def test_reload_keeps_everything(screen):
    keys(screen, "ieu")
    screen.key("n")
    screen.type("half a thought")
    screen.open(screen.requests[0].removeprefix("file://"))
    assert not screen.run("document.getElementById('ask-name').open")
    assert text_of(screen, "count") == "4 of 12 decided"
    assert text_of(screen, "title") == "Record 4 on colchicine"
    assert screen.run("document.getElementById('note').value") == "half a thought"
    keys(screen, "z")
    assert text_of(screen, "title") == "Record 2 on colchicine"


@needs_browser
def test_undo_takes_back_one_decision_after_the_other(screen):
    keys(screen, "ieu")
    keys(screen, "z")
    assert text_of(screen, "title") == "Record 2 on colchicine"
    keys(screen, "i")  # decided again, otherwise
    keys(screen, "zzz")
    assert text_of(screen, "title") == "Record 0 on colchicine"
    assert text_of(screen, "count") == "1 of 12 decided"
    keys(screen, "z")
    assert text_of(screen, "said") == "There is nothing to undo."
    assert screen.run("document.getElementById('download').disabled")


@needs_browser
def test_a_changed_mind_can_be_undone_to_the_first_one(screen):
    keys(screen, "i")
    screen.run("document.getElementById('show').value = 'all'")
    screen.run("document.getElementById('show').dispatchEvent(new Event('change'))")
    screen.run("document.getElementById('list').focus()")
    screen.key("Home")
    keys(screen, "e")
    keys(screen, "z")
    assert "included by you" in text_of(screen, "place")


@needs_browser
def test_full_text_exclusions_need_a_reason_of_the_protocol(screen):
    screen.run("document.getElementById('stage').value = 'full-text'")
    screen.run("document.getElementById('stage').dispatchEvent(new Event('change'))")
    assert text_of(screen, "count") == "0 of 3 decided"  # ada's doubt comes back to her
    screen.run("document.getElementById('list').focus()")
    screen.key("e")
    screen.wait("document.getElementById('ask-reason').open")
    assert screen.run("document.getElementById('own-reason').hidden")
    screen.key("Escape")
    assert text_of(screen, "count") == "0 of 3 decided"
    keys(screen, "e1")
    assert text_of(screen, "count") == "1 of 3 decided"
    _, text = downloaded(screen)
    assert [(r["stage"], r["reason"]) for r in rows(text)] == [("full-text", "wrong-drug")]


FILE = """record;stage;reviewer;decision;reason;decided_on;note
pmid:900;title-abstract;ada;include;;2026-01-02;"kept; surely"
DOI:10.1000/1;title-abstract;bob;exclude;;2026-01-02;bob's secret
doi:10.1000/2;title-abstract;ada;exclude;old;2026-01-02;
doi:10.9/none;title-abstract;ada;include;;2026-01-02;
doi:10.1000/5;title-abstract;ada;perhaps;;2026-01-02;
"""


@needs_browser
def test_import_takes_in_ones_own_decisions_only(screen, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_bytes(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode())
    screen.upload("#file", file)
    screen.wait("!document.getElementById('notice').hidden")
    said = text_of(screen, "notice")
    assert said.startswith("2 of your decisions taken in.")
    assert "1 of other reviewers were left aside, unseen." in said
    assert "1 are about records that are not in this queue." in said
    assert "1 are neither" in said
    assert text_of(screen, "count") == "3 of 12 decided"
    assert "bob" not in screen.run("JSON.stringify(Object.entries(localStorage))")
    assert screen.run("document.getElementById('download').disabled")  # it is in a file already
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n1,2\n")
    screen.upload("#file", wrong)
    screen.wait("document.getElementById('notice').textContent.includes('no file of decisions')")


@needs_browser
def test_reviewers_do_not_see_each_other(screen):
    keys(screen, "iii")
    screen.run("document.getElementById('who').click()")
    screen.type("bob")
    screen.key("Enter")
    assert text_of(screen, "count") == "1 of 12 decided"
    assert text_of(screen, "title") == "Record 0 on colchicine"
    body = screen.run("document.body.innerText")
    assert "included" not in body.lower().replace("included so far", "")
    screen.run("document.getElementById('who').click()")
    screen.type("consensus")
    screen.key("Enter")
    assert "cannot screen" in text_of(screen, "name-wrong")
    screen.key("Escape")
    screen.run("document.getElementById('who').click()")
    screen.type("Ada ")  # the same person, here as in the pipeline
    screen.key("Enter")
    assert text_of(screen, "count") == "4 of 12 decided"


@needs_browser
def test_nasty_text_is_shown_as_it_is_and_marks_are_made(screen):
    marks = "[...document.querySelectorAll('#abstract mark')].map(m => m.className + m.textContent)"
    assert screen.run(marks) == ["forGout", "foradults", "forRandomised", "againstAnimals"]
    keys(screen, "m")
    assert screen.run("document.body.classList.contains('unmarked')")
    keys(screen, "i")
    assert text_of(screen, "title") == NASTY
    assert text_of(screen, "abstract") == NASTY
    assert screen.run("document.title").startswith("Screening: Colchicine for <gout>")
    assert screen.run("document.querySelectorAll('#card img, #list img, #card script').length") == 0


@needs_browser
def test_arabic_begins_at_the_right_and_english_below_it_at_the_left(opened, tmp_path):
    queue, records = made()
    records.loc[0, "abstract"] = "شملت الدراسة 120 مريضا.\nColchicine in gout."
    file = tmp_path / "screen.html"
    file.write_text(html(queue, records), encoding="utf-8")
    start(opened, file)
    gaps = """[...document.querySelectorAll('#abstract p')].map(line => {
      const text = document.createRange();
      text.selectNodeContents(line);
      const [inner, outer] = [text.getBoundingClientRect(), line.getBoundingClientRect()];
      return [inner.left - outer.left > 5, outer.right - inner.right > 5];
    })"""
    assert opened.run(gaps) == [[True, False], [False, True]]
    assert opened.errors == []


@needs_browser
def test_a_screen_reader_is_told(screen):
    tree = screen.ask("Accessibility.getFullAXTree")["nodes"]
    seen = {
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in tree
        if not node.get("ignored") and "role" in node
    }
    assert ("listbox", "Records in the order of the queue") in seen
    assert ("option", "Record 0 on colchicine") in seen
    assert ("heading", "Record 0 on colchicine") in seen
    assert ("progressbar", "Decided by you") in seen
    assert ("group", "Your decision") in seen
    assert ("textbox", "Note") in seen
    assert not [name for role, name in seen if role in ("button", "combobox") and not name]
    active = (
        "document.getElementById(document.getElementById('list').ariaActiveDescendantElement?.id)"
    )
    assert screen.run(f"{active}?.getAttribute('aria-posinset')") == "1"
    assert screen.run(f"{active}?.getAttribute('aria-setsize')") == "11"
    screen.key("ArrowDown")
    assert screen.run(f"{active}?.getAttribute('aria-posinset')") == "2"


@needs_browser
def test_every_control_is_reached_with_tab_and_keys_can_be_switched_off(screen):
    reached = set()
    for _ in range(24):
        screen.key("Tab")
        reached.add(screen.run("document.activeElement.id || document.activeElement.dataset.vote"))
    wanted = {"stage", "who", "import", "download", "help", "show", "search", "list", "note"}
    assert (wanted | {"include", "exclude", "reason", "unsure", "undo"}) - reached <= {"download"}
    screen.run("document.getElementById('keys').click()")
    screen.run("document.getElementById('list').focus()")
    keys(screen, "i")
    assert text_of(screen, "count") == "1 of 12 decided"


@needs_browser
def test_search_finds_and_typing_does_not_decide(screen):
    screen.key("/")
    for letter in "record 7":
        screen.key(letter)
    screen.key("Enter")
    assert text_of(screen, "title") == "Record 7 on colchicine"
    assert text_of(screen, "count") == "1 of 12 decided"


@needs_browser
def test_what_has_arrived_in_decisions_csv_is_not_downloaded_again(screen, tmp_path):
    """After the rows are appended and the pipeline has run: a new page in the old one's place."""
    keys(screen, "iu")
    downloaded(screen)
    assert not screen.run("document.getElementById('download').disabled")  # not there yet
    stage = "title-abstract"
    sent = [(f"doi:10.1000/{i}", stage, "ada", "") for i in (0, 1)]
    queue, records = made()
    queue.loc[1, "state"] = "unsure"
    votes = pd.concat([VOTES, pd.DataFrame(sent, columns=VOTES.columns)])
    (tmp_path / "screen.html").write_text(html(queue, records, votes), encoding="utf-8")
    screen.open(tmp_path / "screen.html")
    assert screen.run("document.getElementById('download').disabled")
    assert text_of(screen, "count") == "2 of 12 decided"  # 0 and 3; the doubt on 1 has come back
    assert text_of(screen, "title") == NASTY
    keys(screen, "e")
    _, text = downloaded(screen)
    assert [(r["record"], r["decision"]) for r in rows(text)] == [("doi:10.1000/1", "exclude")]


@needs_browser
def test_a_page_of_the_first_records_counts_truly_and_loses_no_decision(
    opened, tmp_path, monkeypatch
):
    """Five of twelve on the page; the next page, from decisions of somebody else, holds others."""
    monkeypatch.setattr(page, "MOST", 5)
    file, (queue, records) = tmp_path / "screen.html", made()
    file.write_text(html(queue, records, VOTES[:0]), encoding="utf-8")
    start(opened, file)
    assert text_of(opened, "count") == "0 of 5 decided on this page, 7 more wait"
    assert text_of(opened, "place") == "1 of 5 on this page"
    keys(opened, "ieu")
    first = downloaded(opened)[1]
    keys(opened, "ei")
    assert "You have decided on every record on this page." in text_of(opened, "empty")
    assert "It brings the next ones." in text_of(opened, "empty")
    assert "7 more" in text_of(opened, "about")
    # The first three have arrived; the order is another one, and the two after them are not there.
    sent = [(r["record"], r["stage"], "ada", "") for r in rows(first)]
    votes = pd.DataFrame(sent, columns=VOTES.columns)
    queue = queue[~queue["record_id"].isin(votes["record_id"])]
    monkeypatch.setattr(page, "MOST", 4)
    file.write_text(html(queue[::-1], records, votes), encoding="utf-8")
    opened.open(file)
    assert text_of(opened, "count") == "0 of 4 decided on this page, 5 more wait"
    assert text_of(opened, "title") == "Record 11 on colchicine"
    assert text_of(opened, "waiting") == "(2)"
    opened.key("i")
    got = rows(downloaded(opened)[1])
    assert [(r["record"], r["decision"]) for r in got] == [
        ("doi:10.1000/3", "exclude"),
        ("doi:10.1000/4", "include"),
        ("doi:10.1000/11", "include"),
    ]
    file.write_text(first, encoding="utf-8")
    opened.upload("#file", file)
    opened.wait("!document.getElementById('notice').hidden")
    assert "3 are about records that are not on this page." in text_of(opened, "notice")
    assert opened.errors == []
    opened.run("localStorage.clear()")


@pytest.mark.heavy
@needs_browser
def test_twenty_thousand_records_do_not_stutter(opened, tmp_path, monkeypatch):
    """Budgets are wide, since a test machine may be busy; docs/screening.md has the figures."""
    monkeypatch.setattr(page, "MOST", 20_000)
    file = tmp_path / "screen.html"
    file.write_text(html(*made(20000, 0, "Gout in adults and more. " * 60)), encoding="utf-8")
    start(opened, file)
    assert text_of(opened, "count") == "1 of 20,000 decided"
    assert opened.run("document.querySelectorAll('.row').length") < 60
    times = opened.run(
        """(async () => {
          const press = (key) => document.dispatchEvent(new KeyboardEvent('keydown', {key}));
          const frame = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
          const took = [];
          for (let i = 0; i < 30; i++) {
            const start = performance.now();
            press('e'); document.body.offsetHeight;
            took.push(performance.now() - start);
            await frame();
          }
          return took.sort((a, b) => a - b);
        })()"""
    )
    assert times[15] < 100
    opened.run("document.getElementById('list').focus()")
    opened.key("End")
    assert text_of(opened, "title") == "Record 19999 on colchicine"
    assert opened.run("document.querySelectorAll('.row').length") < 60
    assert opened.errors == []
    opened.run("localStorage.clear()")
