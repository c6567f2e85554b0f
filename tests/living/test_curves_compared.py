"""Pooled survival curves: what a release keeps of them, and what an update changes."""

import json

import pandas as pd
import pytest

import asking
from effects.test_course import found, survival
from livingmeta import tables
from livingmeta.living import changes, release, state
from livingmeta.pooling.course import course
from livingmeta.report.page import changes as page
from states import TRIALS, _typed, make, protocol

SCHEMAS = {name: f"living/{name}" for name in (*state.TABLES, *state.OF_CURVES)}
STUDIES = {
    "ahn": survival({12: 0.8, 24: 0.6}),
    "bauer": survival({12: 0.7, 24: 0.45}, n=60),
    "costa": survival({12: 0.9, 24: 0.7}, n=40),
}


def at(studies, version="1.0", title="Survival", **asked):
    """The State whose curve `os` is of these studies."""
    given = protocol(version)
    given["outcomes"]["os"] = {"label": "Survival", "kind": "survival", "good": "higher"}
    ours = given["syntheses"]["fever-or"] | {"measure": "SURV", "outcome": "os", "arms": ["drug"]}
    given["courses"] = {"os": ours | {"title": title, "time": None} | asked}
    of_fever = {study: TRIALS[study] for study in ("ahn", "bauer", "costa")}
    made = make(of_fever, given)
    intervals, _ = found(studies)
    intervals["synthesis"] = "os"
    arms = {"os": asking.synthesis(outcome="os", measure="SURV", arms=["drug"])}
    points, whole, _ = course(intervals, arms)
    for name, table in (("course", points), ("courses", whole), ("intervals", intervals)):
        object.__setattr__(made, name, _typed(table, f"living/{name}"))
    return made


def frozen(made, folder, keeps=True):
    """A release of that state, read again."""
    names = (*state.TABLES, *(state.OF_CURVES if keeps else ()))
    for name in names:
        tables.write(getattr(made, name), folder / f"{name}.csv", SCHEMAS[name])
    numbers = pd.DataFrame({"id": ["course/os/1/estimate"], "value": "0.8", "text": "80%"})
    tables.write(numbers.assign(unit=""), folder / "numbers.csv", "living/numbers")
    asked = {**made.protocol, "syntheses": made.protocol["syntheses"]}
    if keeps:
        asked["syntheses"] = {**asked["syntheses"], **asked["courses"]}
    asked.pop("courses")
    (folder / "flow.json").write_text(json.dumps(made.flow))
    (folder / "protocol.json").write_text(json.dumps(asked))
    held = {p.name: p.read_bytes() for p in folder.iterdir()}
    release.freeze(folder, held, release.manifest(made.asked.review, made.flow, held, []))
    return state.of_release(folder, SCHEMAS)


def test_a_release_keeps_the_curve_and_finds_it_unchanged(tmp_path):
    folder = tmp_path / "1.0"
    folder.mkdir()
    before = frozen(at(STUDIES), folder)
    told, rows = changes.compare(before, at(STUDIES, "2.0"))
    assert told["curves"][0]["change"] == "none"
    assert set(rows["kind"]) <= {"protocol"}  # keys that came since, which a whole protocol has


def test_a_release_that_kept_no_curves_is_read_and_says_so(tmp_path):
    folder = tmp_path / "1.0"
    folder.mkdir()
    before = frozen(at(STUDIES), folder, keeps=False)
    assert before.not_kept == {"os"}
    told, rows = changes.compare(before, at(STUDIES, "2.0"))
    assert told["curves"][0]["change"] == "not kept"
    mine = rows[rows["synthesis"] == "os"]
    assert mine[["kind", "what"]].to_numpy().tolist() == [
        ["protocol", "syntheses.os"],
        ["synthesis", "not kept"],
    ]


def test_each_time_the_median_and_each_study_that_moved_are_told():
    now = STUDIES | {
        "bauer": survival({12: 0.7, 24: 0.4}, n=60),
        "costa": survival({12: 0.9, 24: 0.7, 36: 0.3}, n=40),
        "diaz": survival({12: 0.5, 24: 0.2}, n=90),
    }
    before, after = at(STUDIES), at(now, "2.0")
    traits = after.studies.assign(study_id=["ahn", "bauer", "diaz"])
    object.__setattr__(after, "studies", pd.concat([after.studies, traits.tail(1)]))
    told, rows = changes.compare(before, after)
    (curve,) = told["curves"]
    assert curve["change"] == "changed"
    assert [t["time"] for t in curve["times"]] == [12, 24, 36]
    assert curve["times"][2]["before"] is None
    assert [(t["before"] or t["after"])["k"] for t in curve["times"]] == [3, 3, 1]
    assert [t["after"]["k"] for t in curve["times"]] == [4, 4, 1]
    result = after.course[after.course["primary"]]
    assert [t["after"]["estimate"] for t in curve["times"]] == result["estimate"].tolist()
    moved = {s["study_id"]: (s["kind"], s["before"], s["after"]) for s in curve["studies"]}
    assert moved["bauer"] == (
        *("corrected", "70.0% at 12 of 60, 45.0% at 24 of 42"),
        "70.0% at 12 of 60, 40.0% at 24 of 42",
    )
    assert moved["diaz"][:2] == ("new", "")
    assert set(moved) == {"bauer", "costa", "diaz"}
    estimates = rows[(rows["kind"] == "estimate") & (rows["synthesis"] == "os")]
    said = estimates.set_index("what")
    assert set(said.index) == {
        f"{model}, {what}"
        for model in ("random", "common")
        for what in ("at 12 months", "at 24 months", "at 36 months", "median")
    }
    assert said.loc["random, at 36 months", "before"] == ""
    assert said.loc["random, at 24 months", "before"].endswith("3 studies, result")
    assert "not reached" in said.loc["random, median", "before"]
    assert rows["kind"].tolist().count("course") == 3

    html, numbers = page.render(before.asked.review, _since(told), rows, after.studies, [], {})
    ids = {n["id"]: n for n in numbers}
    assert ids["living/os/curve/3/after/k"]["value"] == 1
    assert "Survival curve then and now: Survival" in html
    assert "Studies on survival curves" in html


def _since(told):
    return told | {"releases": [], "previous": None}


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [
        ({}, {"time": 24.0}, "another question"),
        ({}, {"title": "Otherwise"}, "none"),
        (None, {}, "new"),
        ({}, None, "gone"),
    ],
)
def test_a_curve_that_is_new_gone_or_another(then, now, change):
    states = [
        make({name: TRIALS[name] for name in ("ahn", "bauer", "costa")}, protocol(version))
        if asked is None
        else at(STUDIES, version, **asked)
        for version, asked in (("1.0", then), ("2.0", now))
    ]
    told, rows = changes.compare(*states)
    assert told["curves"][0]["change"] == change
    of = rows[(rows["kind"] == "synthesis") & (rows["synthesis"] == "os")]
    assert of["what"].tolist() == ([] if change == "none" else [change])
    html, _ = page.render(states[1].asked.review, _since(told), rows, states[1].studies, [], {})
    assert "Survival curves" in html
