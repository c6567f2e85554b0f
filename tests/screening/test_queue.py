"""The queue: an order at every stage of screening, the same for the same data, and never an end."""

import os
import runpy
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import asking
from livingmeta.errors import InternalError
from livingmeta.screening import queue, terms, vectors
from livingmeta.screening.decisions import Resolution

PROTOCOL = ["Adults with gout", "Colchicine", "At least ten people with an attack of gout"]
WORDS = {
    "gout": ["colchicine", "gout", "attack", "flare", "urate", "crystal", "tophus", "joint"],
    "asthma": [
        "salbutamol",
        "asthma",
        "inhaler",
        "wheeze",
        "airway",
        "spirometry",
        "lung",
        "bronchial",
    ],
    "both": [
        "trial",
        "randomised",
        "adults",
        "placebo",
        "dose",
        "weeks",
        "outcome",
        "safety",
        "hospital",
    ],
}


def made(n, seed=0, about=("gout", "asthma"), share=0.2):
    """Records of two subjects and whether each is about the first."""
    rng = np.random.default_rng(seed)
    first = np.arange(n) < max(1, int(n * share))
    rng.shuffle(first)
    rows = []
    for i, yes in enumerate(first):
        own, other = WORDS[about[0 if yes else 1]], WORDS["both"]
        title = " ".join([*rng.choice(own, 2), *rng.choice(other, 3)])
        abstract = " ".join([*rng.choice(own, 5), *rng.choice(other, 25)])
        rows.append((f"r{i:04d}", title, abstract))
    return pd.DataFrame(rows, columns=["record_id", "title", "abstract"]), first


def said(records, first, ids):
    """The true decisions on some records."""
    truth = dict(zip(records["record_id"], first, strict=True))
    return pd.DataFrame(
        [(r, "include" if truth[r] else "exclude") for r in ids], columns=["record_id", "decision"]
    )


NONE = said(*made(2), [])


def found_among(order, records, first, top):
    """The share of the first `top` of the queue that are about the subject."""
    truth = dict(zip(records["record_id"], first, strict=True))
    return np.mean([truth[r] for r in order["record_id"][:top]])


def test_without_decisions_the_protocol_is_the_query():
    records, first = made(100)
    order = queue.rank(records, NONE, terms=PROTOCOL)
    assert found_among(order, records, first, 10) == 1
    assert order["why"].unique().tolist() == ["like the words of the protocol"]
    assert "gout" in order["words"][0] or "colchicine" in order["words"][0]


def test_with_nothing_to_go_by_it_says_so():
    records, _ = made(30)
    order = queue.rank(records, NONE)
    assert order["record_id"].tolist() == records["record_id"].tolist()
    assert (order["score"] == 0).all()
    assert order["why"][0].startswith("no order yet")


@pytest.mark.parametrize("asked", [(), PROTOCOL])
@pytest.mark.parametrize("kinds", ["include", "exclude", "both"])
def test_few_decisions_of_one_kind_or_both_make_an_order(kinds, asked):
    records, first = made(100)
    ids = {
        "include": records["record_id"][first][:3],
        "exclude": records["record_id"][~first][:3],
        "both": [*records["record_id"][first][:2], *records["record_id"][~first][:2]],
    }[kinds]
    order = queue.rank(records, said(records, first, ids), terms=asked)
    assert not set(ids) & set(order["record_id"])
    assert len(order) == 100 - len(ids)
    if kinds != "exclude" or asked:  # exclusions alone, without a protocol, teach no order
        assert found_among(order, records, first, 10) == 1
    assert (kinds == "include") == ("the 0 excluded" in order["why"][0])


def test_decisions_outweigh_a_protocol_that_says_otherwise():
    records, first = made(200)
    order = queue.rank(
        records, said(records, first, records["record_id"][:60]), terms=["asthma inhaler wheeze"]
    )
    assert found_among(order, records, first, 15) == 1


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 40), st.integers(0, 5), st.integers(0, 2**32 - 1), st.booleans())
def test_nobody_is_lost_whatever_is_decided(n, decided, seed, asked):
    records, first = made(max(n, 1), seed)
    ids = records["record_id"][:decided]
    order = queue.rank(records, said(records, first, ids), terms=PROTOCOL if asked else ())
    assert sorted([*order["record_id"], *ids]) == records["record_id"].tolist()
    assert order["rank"].tolist() == list(range(1, len(order) + 1))
    assert order["score"].between(0, 1).all()
    assert order["score"].is_monotonic_decreasing
    assert order.columns.tolist() == queue.COLUMNS


def test_the_same_data_in_any_order_give_the_same_queue():
    records, first = made(120)
    decisions = said(records, first, records["record_id"][:40])
    once = queue.rank(records, decisions, terms=PROTOCOL)
    shuffled = records.sample(frac=1, random_state=3), decisions.sample(frac=1, random_state=4)
    pd.testing.assert_frame_equal(once, queue.rank(*shuffled, terms=PROTOCOL))


@pytest.mark.parametrize("text", ["", " ", "a", "—", "\u0000", "日本語 の 題名"])
def test_records_without_words_are_in_the_queue_too(text):
    records = pd.DataFrame({"record_id": ["x", "y"], "title": [text, text], "abstract": ["", None]})
    order = queue.rank(records, NONE, terms=PROTOCOL)
    assert order["record_id"].tolist() == ["x", "y"]


def test_conflicts_neither_teach_nor_wait():
    records, first = made(50)
    decisions = said(records, first, records["record_id"][:20])
    settled = queue.rank(records, decisions, terms=PROTOCOL)
    more = pd.DataFrame({"record_id": ["r0030"], "decision": ["conflict"]})
    order = queue.rank(records, pd.concat([decisions, more]), terms=PROTOCOL)
    assert order["record_id"].tolist() == [r for r in settled["record_id"] if r != "r0030"]


def test_a_decision_on_a_stranger_is_refused():
    records, _ = made(5)
    stranger = pd.DataFrame({"record_id": ["nobody"], "decision": ["include"]})
    with pytest.raises(InternalError, match="nobody"):
        queue.rank(records, stranger)


def resolution(records, **rows):
    """A Resolution by hand: for each table the (record, stage, state) that it holds."""
    titles = dict(zip(records["record_id"], records["title"], strict=True))
    tables = {}
    for name in Resolution.__dataclass_fields__:
        table = pd.DataFrame(rows.get(name, []), columns=["record_id", "stage", "state"])
        tables[name] = table.assign(title=table["record_id"].map(titles))
    return Resolution(**tables)


def test_one_vote_of_two_leaves_no_trace_in_the_order():
    """A record that waits for its second vote is `awaiting`, so nothing of the first is known."""
    records, first = made(60)
    ids = records["record_id"].tolist()
    stage, later = "title-abstract", "full-text"
    open_ = [(r, stage, "undecided") for r in ids[20:50]]
    resolved = resolution(
        records,
        included=[(r, "", "") for r, yes in zip(ids[:20], first, strict=False) if yes],
        excluded=[(r, stage, "") for r, yes in zip(ids[:20], first, strict=False) if not yes],
        awaiting=[*open_, *((r, later, "unsure") for r in ids[50:55])],
        conflicts=[(r, stage, "") for r in ids[55:]],
    )
    at_titles = queue.at(records, resolved, stage, PROTOCOL)
    assert sorted(at_titles["record_id"]) == ids[20:50]
    assert set(at_titles["state"]) == {"undecided"}
    at_texts = queue.at(records, resolved, later, PROTOCOL)
    assert sorted(at_texts["record_id"]) == ids[50:55]
    assert set(at_texts["stage"]) == {later}
    kept = int(first[:20].sum()) + 5
    assert f"like the {kept} included" in at_titles["why"][0]
    assert f"like the {kept - 5} included, unlike the 0 excluded" in at_texts["why"][0]


def test_words_are_whole_telling_and_not_repeated():
    records = pd.DataFrame(
        [
            ("a", "Metastatic disease of the lung after resection", ""),
            ("b", "Metastases in the lung: resection or not", ""),
            ("c", "Metastases of the liver", ""),
            ("d", "A history of anatomy", ""),
        ],
        columns=["record_id", "title", "abstract"],
    )
    chosen = pd.DataFrame({"record_id": ["a"], "decision": ["include"]})
    order = queue.rank(records, chosen)
    assert order["record_id"][0] == "b"
    words = order["words"][0].split("; ")
    assert "metastases" in " ".join(words)  # the commoner form of metasta...
    parts = " ".join(words).split()
    assert len(parts) == len(set(parts))
    assert not set(parts) & terms.EMPTY
    assert order.set_index("record_id").loc["d", "words"] == ""


def test_terms_of_a_protocol():
    review = {"question": {"population": "Adults with gout", "intervention": "Colchicine"}}
    screening = {
        "criteria": {
            "include": ["Randomised studies of colchicine"],
            "exclude": ["Reviews", "Animals with gout", "Published before 1980"],
        },
    }
    review, screening = asking.review(**review), asking.screening(**screening)
    assert terms.included(review, screening) == [
        "Adults with gout", "Colchicine", "Randomised studies of colchicine",
    ]  # fmt: skip
    assert terms.marks(review, screening) == {
        "included": ["adults", "colchi", "gout", "random"],
        "excluded": ["animal", "review"],
    }


SHARED = os.environ.get("LIVINGMETA_SHARED")


@pytest.mark.heavy
@pytest.mark.skipif(not SHARED, reason="LIVINGMETA_SHARED names no folder of benchmark data")
@pytest.mark.parametrize("name", ["Donners_2021", "UrinaryIncontinence", "van_der_Valk_2021"])
def test_finished_reviews_are_read_with_less_work_than_with_asreview(name):
    bench = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "screening.py"))
    path = Path(SHARED) / "benchmarks" / "screening" / f"{name}.csv.gz"
    row, stops = bench["measure"](path, seeds=3, share=0.02)
    assert row["saved"] > bench["ASREVIEW"][name][0]
    assert all(stop["held"] for stop in stops)


def test_a_word_said_four_times_weighs_little_more_than_twice_one_said_once():
    of = queue.corpus(["gout gout gout gout wheeze", "flare of something else"])
    weights = of.matrix[0].data
    assert weights.max() / weights.min() == pytest.approx(1 + np.log(4))


TEXTS = st.lists(
    st.text(st.sampled_from("abcABC éÉ߀±-_\n\t0١中文ſ́.,'"), max_size=60), min_size=1, max_size=70
)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.sampled_from([1, 30]))
def test_words_are_counted_and_weighed_as_by_scikit_learn(texts, times):
    """The same words, pairs and weights as a count of strings; beyond 50 texts the rare go."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts, few = texts * times, len(texts * times) < 50

    def stems(text):
        single = [word[: terms.LETTERS] for word in terms.WORD.findall(text.lower())]
        return single + [f"{a} {b}" for a, b in pairwise(single)]

    theirs = TfidfVectorizer(
        analyzer=stems, sublinear_tf=True, min_df=1 if few else 2, max_df=1.0 if few else 0.95
    )
    vocabulary, matrix = vectors.learn(texts)
    try:
        wanted = theirs.fit_transform(texts)
    except ValueError:  # no word counts
        assert matrix.shape == (len(texts), 0)
        return
    assert matrix.shape == wanted.shape
    np.testing.assert_allclose(matrix.toarray(), wanted.toarray(), rtol=1e-12, atol=0)
    again = vectors.vectors(vocabulary, [*texts, "abcabcabc new words"])
    assert (again[: len(texts)] != matrix).nnz == 0
    known = theirs.transform(["abcabcabc new words"])
    np.testing.assert_allclose(again[len(texts) :].toarray(), known.toarray(), rtol=1e-12, atol=0)


def test_beyond_many_records_all_are_ranked_by_what_some_teach(monkeypatch):
    records, first = made(400)
    decisions = said(records, first, records["record_id"][:150])
    whole = queue.rank(records, decisions, terms=PROTOCOL)
    monkeypatch.setattr(queue, "MANY", 90)
    monkeypatch.setattr(queue, "AT_ONCE", 7)
    order = queue.rank(records, decisions, terms=PROTOCOL)
    assert sorted(order["record_id"]) == sorted(whole["record_id"])
    assert order["why"].tolist() == whole["why"].tolist()
    assert found_among(order, records, first, 40) == 1
    shuffled = records.sample(frac=1, random_state=3), decisions.sample(frac=1, random_state=4)
    pd.testing.assert_frame_equal(order, queue.rank(*shuffled, terms=PROTOCOL))
    monkeypatch.setattr(queue, "MANY", 400)
    pd.testing.assert_frame_equal(whole, queue.rank(records, decisions, terms=PROTOCOL))


@pytest.mark.parametrize(
    ("kinds", "drawn"),
    [((5, 100, 300), (5, 42, 43)), ((200, 200, 200), (30, 30, 30)), ((0, 10, 500), (0, 10, 80))],
)
def test_those_that_teach_stand_for_all_of_their_kind(monkeypatch, kinds, drawn):
    monkeypatch.setattr(queue, "MANY", 90)
    labels = np.repeat([1, 0, -1], kinds)
    ids = [f"r{i}" for i in range(len(labels))]
    taught, stand_for = queue.teachers(ids, labels)
    for label, number, of in zip((1, 0, -1), drawn, kinds, strict=True):
        mine = labels[taught] == label
        assert mine.sum() == number
        assert stand_for[mine].sum() == pytest.approx(of)
