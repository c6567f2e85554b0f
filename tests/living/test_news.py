"""News: patients read from abstracts, what one more study could move, and the page that says it."""

import math
import re
from html import unescape

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living.waiting_cases import whole
from livingmeta import tables
from livingmeta.living import changes
from livingmeta.living.news import movement, new_records, patients
from livingmeta.pooling.engines.models import fit
from livingmeta.report.page import news as page
from livingmeta.words import news as words
from states import TRIALS, make, protocol

YI, VI, N = [0.1, -0.4, -0.3, 0.6], [0.04, 0.09, 0.2, 0.1], [200.0, 100.0, 50.0, 90.0]
NASTY = "<script>alert(1)</script>"


def pooled(tau2="REML"):
    found = fit(YI, VI, tau2=tau2)
    result = {"measure": "OR", "estimate": found.estimate, "tau2": found.tau2}
    effects = [{"yi": y, "vi": v, "n": n} for y, v, n in zip(YI, VI, N, strict=True)]
    return result, effects


@pytest.mark.parametrize("tau2", ["REML", "DL", "FE"])
@pytest.mark.parametrize("n", [10, 90, 5000])
def test_the_movement_is_that_of_the_pool_fitted_again_with_the_study(tau2, n):
    result, effects = pooled(tau2)
    pool = movement.pool(result, effects)
    # A patient of the median study: 8, 9, 10 and 9 are variance times patients.
    v = 9 / n
    held = [one + pool.tau2 for one in VI]
    before = fit(YI, held, tau2="FE")
    assert before.estimate == pytest.approx(pool.estimate, abs=1e-9)
    away = 1.959963984540054 * math.sqrt(before.se**2 + v + pool.tau2)
    for side in (-1, 1):
        edge = before.estimate + side * away
        after = fit([*YI, edge], [*held, v + pool.tau2], tau2="FE")
        moved = side * (after.estimate - before.estimate)
        assert moved == pytest.approx(pool.movement(n), abs=1e-9)
    assert pool.share(n) == pytest.approx(1 - (after.se / before.se) ** 2, abs=1e-9)
    assert pool.movement(n) == pytest.approx(
        1.959963984540054 * before.se * math.sqrt(pool.share(n)), abs=1e-9
    )
    low, high = pool.between(n)
    assert math.log(high) - math.log(low) == pytest.approx(2 * pool.movement(n), abs=1e-9)


SIZES = st.floats(1, 1e6)


@given(SIZES, SIZES, st.floats(0, 3), st.floats(0.1, 500), st.floats(0.01, 1e4))
def test_more_patients_never_weigh_less_nor_move_less(a, b, tau2, per_patient, precision):
    pool = movement.Pool("OR", 0.2, precision, tau2, per_patient, 100.0)
    few, many = sorted((a, b))
    assert 0 <= pool.share(few) <= pool.share(many) <= 1
    assert pool.movement(few) <= pool.movement(many) * (1 + 1e-9)
    assert pool.movement(many) <= 1.96 / math.sqrt(precision) * (1 + 1e-9)


def test_what_is_no_mean_by_inverse_variance_or_has_no_patients_is_not_told():
    result, effects = pooled()
    assert movement.pool(result | {"estimate": result["estimate"] + 0.01}, effects) is None
    assert movement.pool(result, [row | {"n": math.nan} for row in effects]) is None
    assert movement.pool(result | {"tau2": 0.0}, [row | {"vi": 0.0} for row in effects]) is None


READ = [
    ("", "We randomised 1,204 patients after screening 5300 patients.", 1204, "abstract"),
    ("", "Of 5300 patients, 340 eligible adults were randomly assigned.", 340, "abstract"),
    ("Outcome of 57 consecutive HCC patients", "Of 900 patients screened", 57, "title"),
    ("", "Drug (n = 40) against none; all participants (n=81) were followed.", 81, "abstract"),
    ("", "A total of 12 of 45 patients died.", 45, "abstract"),
    ("Fever in 300 children", "", 300, "title"),
    ("A trial in 2,019 patients", "", 2019, "title"),
    ("", "Patients of 1990: 2040 adults", 2040, "abstract"),
    ("", "Toxicity was rare. Included 77 patients.", 77, "abstract"),
]
NOT_READ = [
    "Followed for 24 months in patients with cancer",
    "A phase 3 trial in stage 4 patients",
    "3.5 patients per 1000 patients, or 100 patient-years",
    "In 2019 patients were enrolled; 65-year-old men; 45% patients",
    "Twenty patients, 10-20 patients, 10 to 20 patients, between 5 and 9 patients",
    "Between 2010 and 2019 patients were enrolled, from May 2012 patients of two sites",
    "type 2 patients, grade 3 subjects, 30 Gy patients, 0 patients",
    "",
]


@pytest.mark.parametrize(("title", "abstract", "n", "where"), READ)
def test_the_patients_of_a_record_are_read(title, abstract, n, where):
    found = patients.read(title, abstract)
    assert (found.n, found.where) == (n, where)
    assert found.said in (title if where == "title" else abstract)


@pytest.mark.parametrize("text", NOT_READ)
def test_other_numbers_are_not_taken_for_patients(text):
    assert patients.read("", text) is None


def found(**rows):
    """Tables of a review with three trials pooled, and these rows."""
    present = make(TRIALS)
    return whole(**rows) | {"effects": present.effects, "pooled": present.pooled}


def waiting(*records):
    """Tables with records that wait: (id, abstract, rank, new)."""
    head = [{"record_id": r, "title": f"Title {NASTY} {r}"} for r, *_ in records]
    at = {"stage": "title-abstract", "state": "undecided"}
    return found(
        records=[one | {"abstract": a} for one, (_, a, *_) in zip(head, records, strict=True)],
        awaiting=[one | at for one in head],
        queue=[one | {"rank": k} for one, (_, _, k, _) in zip(head, records, strict=True)],
        changes=[
            {"kind": "record", "what": r, "before": "" if new else "undecided", "after": "x"}
            for r, _, _, new in records
        ],
    )


def test_records_come_by_relevance_and_by_what_they_could_move():
    read = waiting(
        ("a", "no number", 1, True),
        ("b", "8000 patients", 2, True),
        ("c", "9000 patients", 4, True),
        ("d", "2 patients", 3, True),
        ("e", "99999 patients", 5, False),
    )
    rows = new_records.table(read)
    usual, told = rows[rows["record_id"] == ""], rows[rows["record_id"] != ""]
    assert list(usual["n_from"]) == ["median"]
    # Places by relevance 0 1 3 2 and by weight 2 1 0 3: a and b have 2, c 3, d 5; e is not new.
    assert list(told["record_id"]) == ["a", "b", "c", "d"]
    assert list(told["n_from"]) == ["median", "abstract", "abstract", "abstract"]
    assert told["n"].tolist()[1:] == [8000, 9000, 2]
    assert told["weight"].iloc[0] == usual["weight"].iloc[0]


def test_a_record_that_could_move_no_result_is_told_all_the_same():
    read = waiting(("a", "80 patients", 1, True))
    read["pooled"] = read["pooled"].iloc[:0]
    [row] = new_records.table(read).to_dict("records")
    assert (row["record_id"], row["n"], row["synthesis"]) == ("a", 80, "")


def test_what_was_retracted_comes_last_and_a_further_report_of_a_study_adds_no_weight(tmp_path):
    read = waiting(("a", "9000 patients", 1, True), ("b", "80 patients", 2, True))
    read["records"] = read["records"].assign(flag=["retracted", "preprint"])
    told = new_records.table(read)
    assert list(dict.fromkeys(told["record_id"])) == ["", "b", "a"]
    assert list(told["flag"].unique()) == ["", "preprint", "retracted"]
    html, mail, _ = rendered(tmp_path, read)
    assert html.count("<strong>Retracted</strong>") == 1
    assert "” (a preprint); a study of 80 patients" in mail
    read |= whole(
        studies=[{"study_id": "ahn", "status": "included"}, {"study_id": "old", "status": "gone"}],
        trials=[
            {"number": "NCT1", "record_id": "", "reports": "b c", "studies": "ahn old"},
            {"number": "NCT2", "record_id": "a", "reports": "", "studies": "old"},
        ],
    ) | {
        name: read[name]
        for name in ("records", "awaiting", "queue", "changes", "effects", "pooled")
    }
    rows = {row["record_id"]: row for row in new_records.table(read).to_dict("records")}
    assert (rows["b"]["study_id"], rows["b"]["synthesis"], rows["b"]["n"]) == ("ahn", "", 80)
    assert (rows["a"]["study_id"], rows["a"]["n"]) == ("", 9000)
    html, mail, _ = rendered(tmp_path, read)
    assert "nothing, if it is a further report of " in html
    assert "To be read first" not in mail


def test_a_record_without_a_title_is_called_by_its_id(tmp_path):
    read = waiting(("doi:10.5555/x", "", 1, True))
    for name in ("records", "awaiting", "queue"):
        read[name] = read[name].assign(title="")
    _, mail, _ = rendered(tmp_path, read)
    assert "To be read first: “doi:10.5555/x”; a study of" in mail


def rendered(tmp_path, read, releases=1):
    present = make(TRIALS, protocol("2.0", title=f"Fever {NASTY}"))
    released = [make({k: TRIALS[k] for k in list(TRIALS)[:3]})][:releases]
    compared, rows = changes.since(released, present)
    tables.write(new_records.table(read), tmp_path / "news.csv", "living/news")
    read.setdefault("to_settle", tables.empty("to_settle"))
    read |= {"news": tables.read(tmp_path / "news.csv", "living/news"), "changed": rows}
    return page.render(present.asked, compared, read | {"studies": present.studies}, [])


def test_the_page_prints_registered_numbers_only_and_no_text_of_records_as_html(tmp_path):
    read = waiting(*((f"r{i}", f"{i + 20} patients", i + 1, True) for i in range(60)))
    read["to_settle"] = pd.DataFrame([{"kind": "undecided", "weight": "result"}])
    html, mail, numbers = rendered(tmp_path, read)
    known = {entry["id"]: entry["text"] for entry in numbers}
    shown = re.findall(r'<span class="num" data-id="(.*?)">(.*?)</span>', html)
    assert len(shown) > 100
    assert all(known[unescape(id_)] == unescape(text) for id_, text in shown)
    assert NASTY not in html
    assert html.count('<tr><th scope="row" class="wider" data-raw>') == page.SHOWN
    assert "http:" not in html
    assert "https:" not in html
    assert "60 new records wait for a decision, of which 60 say" in mail
    assert "Results that changed: " in mail
    assert mail.count("\n") == 1


def test_before_the_first_release_nothing_is_new(tmp_path):
    html, mail, _ = rendered(tmp_path, waiting(), releases=0)
    assert "there is no release yet" in mail
    assert "New records that wait" not in html
    assert "What one more study could do" in html


def test_the_paragraph_stays_short_and_on_one_line():
    most = words.Most("T " * 3000, "", "A result", "0.5", "0.4 and 0.6", "9%", "40", "title")
    told = words.paragraph(
        title="A\nreview", since="1.0", records=1, read=1, most=most, flags=["Ahn (retracted)"],
        moved=[], result=0, text=0,
    )  # fmt: skip
    assert "\n" not in told
    assert len(told) < 900
    assert "1 new record waits for a decision, and says how many patients" in told
    assert "Newly flagged: Ahn (retracted)." in told
    assert "Nothing waits for a person." in told
