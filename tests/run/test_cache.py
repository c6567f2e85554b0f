"""What is made again, and what is taken from before: never one thing for another."""

import os
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingmeta import plan
from livingmeta.errors import InternalError
from livingmeta.run import cache
from running import digests, house, run


def loud(word, times=1, *, mark="!"):
    return (word * times + mark).encode()


def quiet(word, times=1, *, mark="!"):
    return (word * times + mark).lower().encode()


@pytest.fixture
def store(tmp_path):
    return cache.Kept(tmp_path / "kept", {"loud.py": "1"})


def counted(make, calls):
    def counting(*of, **named):
        calls.append(of)
        return make(*of, **named)

    counting.__module__, counting.__qualname__ = make.__module__, make.__qualname__
    return counting


def test_the_same_is_made_once(store):
    calls = []
    make = counted(loud, calls)
    assert store.made(make, "A", 2, mark="?") == store.made(make, "A", 2, mark="?") == b"AA?"
    assert len(calls) == 1


def written(word):
    return f"{word} of {os.getpid()}"


@pytest.mark.parametrize("processes", [1, 2])
def test_texts_are_made_in_as_many_processes_and_kept(store, processes):
    asked = {word: partial(written, word) for word in ("größe", "weite", "höhe")}
    made = store.each(asked, str.encode, bytes.decode, processes)
    assert list(made) == list(asked)
    assert (f"größe of {os.getpid()}" == made["größe"]) == (processes == 1)
    # Those of before are taken over, whoever made them; a new one alone is made here.
    asked["tiefe"] = partial(written, "tiefe")
    again = store.each(asked, str.encode, bytes.decode, processes)
    assert again == made | {"tiefe": f"tiefe of {os.getpid()}"}


@pytest.mark.parametrize(
    ("make", "of", "named"),
    [
        (quiet, ("A",), {}),
        (loud, ("B",), {}),
        (loud, ("A", 2), {}),
        (loud, ("A",), {"mark": "?"}),
    ],
)
def test_anything_else_is_made_anew(store, make, of, named):
    store.made(loud, "A")
    assert store.made(make, *of, **named) == make(*of, **named)


def test_other_code_makes_anew(store):
    calls = []
    make = counted(loud, calls)
    store.made(make, "A")
    cache.Kept(store.folder, {"loud.py": "2"}).made(make, "A")
    assert len(calls) == 2


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b"", lambda b: b[:40] + b"X"])
def test_a_damaged_file_is_made_anew(store, damage):
    store.made(loud, "A long word")
    (path,) = store.folder.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert store.made(loud, "A long word") == b"A long word!"


def test_what_nobody_asked_for_goes(store):
    store.made(loud, "A")
    (store.folder / ".B.unfinished").write_text("half")
    later = cache.Kept(store.folder, {"loud.py": "1"})
    later.made(loud, "B")
    later.tidy()
    assert len(list(store.folder.iterdir())) == 1
    assert later.made(loud, "B") == b"B!"


@given(st.lists(st.text()), st.lists(st.text()))
def test_two_lists_have_one_key_only_if_they_are_equal(one, other):
    assert (cache.key(one) == cache.key(other)) == (one == other)
    assert (cache.key(*one) == cache.key(*other)) == (one == other)


TABLES = [
    pd.DataFrame({"a": [1, 2]}),
    pd.DataFrame({"a": [1.0, 2.0]}),
    pd.DataFrame({"a": ["1", "2"]}),
    pd.DataFrame({"b": [1, 2]}),
    pd.DataFrame({"a": [1, 2], "b": ["", None]}),
    pd.DataFrame({"a": [1, 2], "b": [None, ""]}),
    pd.DataFrame({"a": [1.0, 2.0000000000000004]}),
]


def test_tables_differ_by_columns_types_and_values():
    assert len({cache.key(table) for table in TABLES}) == len(TABLES)
    moved = TABLES[0].set_axis([7, 9], axis=0)
    assert cache.key(moved) == cache.key(TABLES[0])


PARTS = [
    plan.Outcome.of({}),
    plan.Outcome.of({"label": "Death"}),
    plan.Outcome.of({"label": ""}),
    plan.Outcome.of({"label": "Death", "unit": ""}),
    plan.Outcome.of({"kind": "Death"}),
    plan.Synthesis.of({}),
    plan.Synthesis.of({"subgroups": ["Death"]}),
    plan.Synthesis.of({"information_size": {"alpha": 0.05}}),
    plan.Synthesis.of({"information_size": {"power": 0.05}}),
    {"label": "Death"},
]


def test_parts_of_the_protocol_differ_by_name_and_by_the_fields_that_they_have():
    assert len({cache.key(part) for part in PARTS}) == len(PARTS)
    again = [cache.key({"x": [plan.Outcome.of({"label": word})]}) for word in ("a", "a", "b")]
    assert again[0] == again[1] != again[2]


class Unknown:
    """Of which `repr` says an address, another one in every process."""


@pytest.mark.parametrize("part", [Unknown(), [Unknown()], {"a": Unknown()}, np.ones(3), {1, 2}])
def test_what_cannot_be_told_apart_is_no_part_of_a_key(part):
    with pytest.raises(InternalError, match="no part of a key"):
        cache.key(part)


def test_one_value_has_a_key_whatever_is_installed(monkeypatch):
    before = cache.key_of({"tau2": np.float64(0.5), "path": Path("a"), "none": None})
    monkeypatch.setattr(cache, "environment", lambda: "scipy-2.0.dist-info")
    assert cache.key_of({"tau2": np.float64(0.5), "path": Path("a"), "none": None}) == before
    assert cache.key_of(1) != cache.key_of("1") != cache.key_of(1.0)


def test_the_environment_names_the_packages():
    assert "matplotlib-" in cache.environment()


def stamps(folder):
    """When each kept file was written."""
    return {p.relative_to(folder): p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}


def numbers_of(folder):
    """Which file each is: one that is written anew is another one, whatever its date."""
    return {p.relative_to(folder): p.stat().st_ino for p in folder.rglob("*") if p.is_file()}


@pytest.mark.heavy
def test_a_decision_that_moves_no_study_spares_pooling_and_drawing(finished_run, tmp_path):
    """And what is spared has the bytes of a review that was run from nothing."""
    home = house(tmp_path / "house")
    finished_run(home)
    before = stamps(home / ".snakemake" / "kept")
    pooled = numbers_of(home / "results" / "pooling")
    path = home / "data/raw/screening/decisions.csv"
    text = path.read_text()
    assert "full text wanted" in text
    path.write_text(text.replace("full text wanted", "full text ordered", 1))
    run(home, home)
    assert stamps(home / ".snakemake" / "kept") == before
    assert numbers_of(home / "results" / "pooling") == pooled
    spared = digests(home)
    shutil.rmtree(home / "results")
    shutil.rmtree(home / ".snakemake")
    run(home, home)
    assert digests(home) == spared
