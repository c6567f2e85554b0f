"""Registrations, and what of the analyses is planned, changed or added after data."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta import courses, protocol
from livingmeta.living import differences
from livingmeta.living.registered import prespecified, registrations
from running import SMALL
from states import TRIALS, make

WRITTEN = protocol.read(SMALL / "config/config.yaml")
DAYS = ("2026-01-10", "2026-02-20", "2026-03-30", "2026-05-10")
SURV = {"title": "A curve", "outcome": "survival", "measure": "SURV", "arms": ["drug"]}


def whole(**changes):
    """The protocol of the small review, completed; `changes`: of keys of syntheses, a dict each;
    None takes one away."""
    of = copy.deepcopy(WRITTEN)
    for name, changed in changes.items():
        if changed is None:
            del of["syntheses"][name.replace("_", "-")]
        else:
            of["syntheses"].setdefault(name.replace("_", "-"), {}).update(changed)
    return protocol.complete(of)


def registered(*given):
    """Registrations of protocols, (protocol, outcome rows) each, a day after the other."""
    return [
        registrations.Registration(
            f"config/registered/{day}.json", day, "1.0", rows, 0, courses.together(of), "0"
        )
        for day, (of, rows) in zip(DAYS, given, strict=False)
    ]


def told(found):
    return [(row["key"], row["mark"]) for row in prespecified.differences(found)]


def test_without_a_registration_nothing_is_marked():
    found = prespecified.rows([], whole())
    assert found == []
    assert prespecified.mark_of(found)("fever-or", "DL wald", "", True) == ""
    assert prespecified.mark_of_test(found)("fever-or", "subgroups, common tau²", "design") == ""


def test_the_same_protocol_is_planned_throughout():
    found = prespecified.rows(registered((whole(), 0)), whole())
    assert {row["mark"] for row in found} == {"planned"}
    assert [row["name"] for row in found if row["analysis"] == "synthesis"] == list(
        WRITTEN["syntheses"]
    )
    assert told(found) == []


def test_words_labels_and_defaults_written_out_are_no_change():
    now = copy.deepcopy(WRITTEN)
    now["review"] |= {"title": "Another title", "authors": ["Kim, A"], "version": "2.0"}
    now["arms"]["drug"]["label"] = "The drug"
    now["outcomes"]["fever"]["label"] = "Feverishness"
    now["screening"]["reasons"]["wrong-drug"] = "Not the drug"
    now["syntheses"]["fever-or"] |= {"title": "Fever", "level": 0.95, "model": "auto", "time": None}
    now["report"] = {"characteristics": ["year"]}
    found = prespecified.rows(registered((whole(), 0)), protocol.complete(now))
    assert told(found) == []


@pytest.mark.parametrize(
    ("change", "key", "was", "now"),
    [
        ({"survival_1y": {"time": 24}}, "syntheses.survival-1y.time", "12", "24"),
        ({"survival_1y": {"time": 0}}, "syntheses.survival-1y.time", "12", "0"),
        ({"fever_or": {"measure": "RR"}}, "syntheses.fever-or.measure", "OR", "RR"),
        (
            {"fever_or": {"model": {"tau2": "DL"}}},
            "syntheses.fever-or.model",
            "auto",
            '{"tau2": "DL", "interval": "wald", "prediction": "k-1"}',
        ),
        (
            {"fever_or": {"include": {"design": ["randomised"]}}},
            "syntheses.fever-or.include.design",
            "",
            '["randomised"]',
        ),
        # That it has another outcome says all: no row on the kinds of both.
        ({"survival_hr": {"outcome": "fever", "measure": "IRR"}}, "", "", ""),
    ],
)
def test_what_decides_a_result_changes_it(change, key, was, now):
    found = prespecified.rows(registered((whole(), 0)), whole(**change))
    name = next(iter(change)).replace("_", "-")
    assert prespecified.mark_of_result(found, name) == "changed"
    others = [n for n in WRITTEN["syntheses"] if n != name]
    assert {prespecified.mark_of_result(found, other) for other in others} == {"planned"}
    rows = prespecified.differences(found)
    if key:
        assert [(r["key"], r["registered"], r["now"]) for r in rows] == [(key, was, now)]
    else:
        assert {r["key"].rpartition(".")[2] for r in rows} == {"outcome", "measure"}


def test_an_outcome_that_is_defined_otherwise_changes_all_that_rest_on_it():
    now = copy.deepcopy(WRITTEN)
    now["outcomes"]["survival"]["definition"] = "From the first dose"
    found = prespecified.rows(registered((whole(), 0)), protocol.complete(now))
    [row] = prespecified.differences(found)
    assert (row["key"], row["synthesis"]) == (
        "outcomes.survival.definition",
        "survival-1y survival-hr",
    )
    assert prespecified.mark_of_result(found, "fever-or") == "planned"


def test_what_concerns_the_whole_review_is_told_and_marks_no_result():
    now = copy.deepcopy(WRITTEN)
    now["screening"]["reviewers"] = 2
    now["review"]["question"]["population"] = "Children"
    now["search"] = {"from": "2026-01-01"}  # how to look, not for what
    found = prespecified.rows(registered((whole(), 0)), protocol.complete(now))
    assert dict(told(found)) == {
        "review.question.population": "changed",
        "screening.reviewers": "changed",
    }
    assert {row["mark"] for row in found if row["analysis"] == "synthesis"} == {"planned"}


def test_the_order_of_routes_is_an_analysis_of_its_own_and_changes_the_result():
    for was, now, mark in (([], ["A"], "added after data"), (["A"], ["G"], "changed")):
        plan = whole(survival_1y={"routes": was})
        found = prespecified.rows(registered((plan, 0)), whole(survival_1y={"routes": now}))
        assert told(found) == [("syntheses.survival-1y.routes", mark)]
        assert prespecified.mark_of_result(found, "survival-1y") == "changed"
    found = prespecified.rows(registered((whole(survival_1y={"routes": ["A"]}), 0)), whole())
    assert told(found) == [("syntheses.survival-1y.routes", "dropped")]
    assert prespecified.mark_of_result(found, "survival-1y") == "changed"


def test_subgroups_moderators_and_sensitivity_analyses_have_marks_of_their_own():
    plan = whole(fever_or={"subgroups": ["design"], "moderators": ["year"]})
    now = whole(
        fever_or={
            "subgroups": ["site", "design"],
            "moderators": ["year", ["year", "dose"]],
            "sensitivity": [{"leave_out": {"grade": ["rough"]}}, {"method": "glmm"}],
        }
    )
    found = prespecified.rows(registered((plan, 0)), now)
    assert set(told(found)) == {
        ("syntheses.fever-or.subgroups.site", "added after data"),
        ("syntheses.fever-or.moderators.year + dose", "added after data"),
        ("syntheses.fever-or.sensitivity.without grade rough", "added after data"),
        ("syntheses.fever-or.sensitivity.GLMM", "added after data"),
        ("syntheses.fever-or.sensitivity.DL wald", "dropped"),
    }
    mark = prespecified.mark_of(found)
    assert mark("fever-or", "REML wald", "", True) == "planned"
    assert mark("fever-or", "PM hksj-guarded", "", False) == "planned"  # stands there unasked
    assert mark("fever-or", "REML wald without grade rough", "", False) == "added after data"
    assert mark("fever-or", "REML wald without grade approximate", "", False) == "planned"
    assert mark("fever-or", "GLMM", "", False) == "added after data"
    assert mark("fever-or", "REML wald", "site=lung", False) == "added after data"
    assert mark("fever-or", "REML wald", "design=rct", False) == "planned"
    test = prespecified.mark_of_test(found)
    assert test("fever-or", "subgroups, common tau²", "site") == "added after data"
    assert test("fever-or", "meta-regression", "year") == "planned"
    assert test("fever-or", "meta-regression, permutation", "year + dose") == "added after data"


def test_a_method_is_the_same_with_its_usual_form_written_out():
    plan = whole(fever_or={"sensitivity": [{"method": "glmm"}]})
    now = whole(fever_or={"sensitivity": [{"method": "glmm", "variant": "UM.FS"}]})
    assert told(prespecified.rows(registered((plan, 0)), now)) == []


def test_a_subgroup_of_a_changed_result_is_no_better_than_it():
    plan = whole(fever_or={"subgroups": ["design"]})
    now = whole(fever_or={"subgroups": ["design"], "measure": "RR"})
    mark = prespecified.mark_of(prespecified.rows(registered((plan, 0)), now))
    assert mark("fever-or", "REML wald", "design=rct", False) == "changed"


def test_a_synthesis_is_added_dropped_or_known_under_another_name():
    fever = {**WRITTEN["syntheses"]["fever-or"]}
    renamed = whole(fever_or=None, fever_odds=fever | {"title": "Another title"})
    found = prespecified.rows(registered((whole(), 0)), renamed)
    assert told(found) == []
    assert prespecified.mark_of_result(found, "fever-odds") == "planned"
    other = whole(fever_or=None, fever_odds=fever | {"measure": "RR"})
    found = prespecified.rows(registered((whole(), 0)), other)
    assert told(found) == [
        ("syntheses.fever-odds", "added after data"),
        ("syntheses.fever-or", "dropped"),
    ]
    assert found[-1]["registered"] == "OR of fever, drug against none"
    mark = prespecified.mark_of(found)
    assert mark("fever-odds", "DL wald", "", False) == "added after data"


def test_a_curve_is_a_synthesis_like_others():
    found = prespecified.rows(registered((whole(), 0)), whole(curve=SURV))
    assert told(found) == [("syntheses.curve", "added after data")]
    found = prespecified.rows(registered((whole(curve=SURV), 0)), whole(curve=SURV | {"time": 9}))
    assert told(found) == [("syntheses.curve.time", "changed")]


def test_the_first_registration_is_the_plan_and_later_ones_are_dated_amendments():
    second, third = whole(survival_1y={"time": 18}), whole(survival_1y={"time": 24})
    known = registered((whole(), 0), (second, 5), (third, 9))
    [row] = prespecified.differences(prespecified.rows(known, third))
    assert (row["mark"], row["registered"], row["now"]) == ("changed", "12", "24")
    assert (row["amended_on"], row["amended"]) == (DAYS[2], "after data")
    [row] = prespecified.differences(prespecified.rows(known, whole(survival_1y={"time": 36})))
    assert (row["amended_on"], row["amended"]) == ("", "")
    assert told(prespecified.rows(known, whole())) == []


@pytest.mark.parametrize(("rows", "mark"), [(0, "planned"), (1, "added after data")])
def test_what_an_amendment_added_before_data_is_planned(rows, mark):
    fever = {**WRITTEN["syntheses"]["fever-or"], "measure": "RR", "subgroups": ["design"]}
    more = whole(fever_rr=fever, fever_or={"subgroups": ["site"]})
    found = prespecified.rows(registered((whole(), 0), (more, rows)), more)
    assert prespecified.mark_of_result(found, "fever-rr") == mark
    of = prespecified.mark_of(found)
    assert of("fever-rr", "REML wald", "design=rct", False) == mark
    assert of("fever-or", "REML wald", "site=lung", False) == mark
    assert {row["amended_on"] for row in found if row["name"] in ("site", "fever-rr")} == {DAYS[1]}


@pytest.mark.parametrize(("rows", "mark"), [(0, "planned"), (1, "changed")])
@pytest.mark.parametrize("change", [{"time": 24}, {"model": {"tau2": "DL"}}, {"routes": ["S1"]}])
def test_what_an_amendment_changed_before_data_is_planned(rows, mark, change):
    plan, other = whole(survival_1y={"routes": ["S2", "S1"]}), {"routes": ["S2", "S1"]} | change
    now = whole(survival_1y=other)
    found = prespecified.rows(registered((plan, 0), (now, rows)), now)
    assert prespecified.mark_of_result(found, "survival-1y") == mark
    assert bool(told(found)) == (mark == "changed")
    # Turned back by a later amendment, and made again once numbers stand, it is a change.
    known = registered((plan, 0), (now, 0), (plan, 0), (now, 9))
    [row] = prespecified.differences(prespecified.rows(known, now))
    assert (row["mark"], row["amended_on"]) == ("changed", DAYS[3])


def test_the_order_of_what_chooses_studies_is_no_change():
    plan = whole(fever_or={"include": {"site": ["lung", "bone"]}, "moderators": [["year", "dose"]]})
    now = whole(fever_or={"include": {"site": ["bone", "lung"]}, "moderators": [["dose", "year"]]})
    found = prespecified.rows(registered((plan, 0)), now)
    assert told(found) == []
    mark = prespecified.mark_of_test(found)
    assert mark("fever-or", "meta-regression", "dose + year") == "planned"


KEYS = {
    "time": st.sampled_from([6, 12, 24]),
    "level": st.sampled_from([0.9, 0.95]),
    "zeros": st.sampled_from([{}, {"add": 0.25}]),
    "subgroups": st.lists(st.sampled_from(["design", "site", "year"]), unique=True),
    "routes": st.sampled_from([[], ["A"], ["A", "G"]]),
    "sensitivity": st.sampled_from([[], [{"tau2": "DL"}], [{"method": "bayesian"}]]),
}


@settings(max_examples=40)
@given(st.fixed_dictionaries(KEYS), st.fixed_dictionaries(KEYS))
def test_all_that_differs_is_told_and_nothing_else(was, now):
    plan, present = whole(survival_1y=was), whole(survival_1y=now)
    found = prespecified.rows(registered((plan, 0)), present)
    told_of = {row["key"].split(".")[2] for row in prespecified.differences(found)}
    differing = {
        key
        for key in KEYS
        if (sorted(map(str, was[key])) if key == "subgroups" else was[key])
        != (sorted(map(str, now[key])) if key == "subgroups" else now[key])
    }
    assert told_of == differing
    # What rules depend on is enough to tell it all.
    assert prespecified.rows(registered((plan, 0)), prespecified.deciding(present)) == found


def test_a_registration_is_kept_read_again_and_never_written_over(tmp_path):
    written = courses.together(whole())
    name, said = registrations.make(written, DAYS[0], 0, 0, [])
    path = registrations.keep(name, said, tmp_path)
    assert path.name == f"{DAYS[0]}.json"
    known = registrations.read([str(path)])
    assert (known[0].whole, known[0].before_data, known[0].version) == (written, True, "1.0")
    assert registrations.make(written, DAYS[1], 4, 0, known) is None
    with pytest.raises(registrations.RegistrationError, match="stands there already"):
        registrations.keep(name, said, tmp_path)
    other = courses.together(whole(survival_1y={"time": 24}))
    name, said = registrations.make(other, DAYS[0], 3, 1, known)
    assert name == f"{DAYS[0]}-2.json"
    more = registrations.keep(name, said, tmp_path)
    both = registrations.read([str(more), str(path)])
    assert [one.outcome_rows for one in both] == [0, 3]
    assert not both[1].before_data
    name, said = registrations.make(written, DAYS[1], 0, 0, both)
    # Numbers that were seen once were seen, though they were taken out since.
    third = registrations.keep(name, said, tmp_path)
    assert not registrations.read([str(path), str(more), str(third)])[2].before_data
    with pytest.raises(registrations.RegistrationError, match="today is 2025-12-31"):
        registrations.make(written, "2025-12-31", 0, 0, both)


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.update(outcome_rows=0),
        lambda said: said.update(registered_on="2020-01-01"),
        lambda said: said["protocol"]["syntheses"]["fever-or"].update(measure="RR"),
        lambda said: said.pop("sha256"),
        lambda said: said.clear(),
    ],
)
def test_a_registration_that_was_edited_is_refused(tmp_path, change):
    name, said = registrations.make(courses.together(whole()), DAYS[0], 7, 0, [])
    path = registrations.keep(name, said, tmp_path)
    registrations.read([str(path)])
    change(said)
    path.write_text(json.dumps(said))
    with pytest.raises(registrations.RegistrationError, match="not as it was registered"):
        registrations.read([str(path)])


def test_white_space_and_the_order_of_keys_do_not_count(tmp_path):
    name, said = registrations.make(courses.together(whole()), DAYS[0], 7, 0, [])
    path = tmp_path / name
    path.write_text(json.dumps(dict(reversed(said.items()))))
    assert registrations.read([str(path)])[0].outcome_rows == 7
    path.rename(tmp_path / "plan.json")
    with pytest.raises(registrations.RegistrationError, match="called after its day"):
        registrations.read([str(tmp_path / "plan.json")])


def test_a_registration_older_than_a_key_has_its_default(tmp_path):
    old = courses.together(whole())
    del old["extraction"], old["syntheses"]["fever-or"]["zeros"]
    name, said = registrations.make(old, DAYS[0], 0, 0, [])
    known = registrations.read([str(registrations.keep(name, said, tmp_path))])
    assert told(prespecified.rows(known, whole())) == []


def test_a_mark_that_is_another_one_since_the_release_is_told():
    before, after = make(TRIALS), make(TRIALS)
    assert differences.of_plan(before, after) == []
    after.pooled["prespecified"] = "planned"  # that nothing was registered before is no change
    assert differences.of_plan(before, after) == []
    before.pooled["prespecified"] = "planned"
    after.pooled.loc[0, "prespecified"] = "changed"
    [row] = differences.of_plan(before, after)
    assert (row["kind"], row["before"], row["after"]) == ("prespecified", "planned", "changed")
    assert row["what"] == after.pooled["model"][0]
    before.pooled["prespecified"] = ""
    assert [row["after"] for row in differences.of_plan(before, after)] == ["changed"]


@pytest.mark.parametrize(
    ("plan", "key"),
    [
        ({"subgroups": ["design"]}, "subgroups.design"),
        ({"sensitivity": [{"method": "glmm"}]}, "sensitivity.GLMM"),
        ({"routes": ["A"]}, "routes"),
        (None, ""),
    ],
    ids=["subgroup", "sensitivity", "routes", "synthesis"],
)
@pytest.mark.parametrize(
    ("later", "marked"),
    [
        # What the amendments have, "out" or "in", and what stood then.
        ([("out", 3)], "added after data"),
        ([("out", 0)], "added after data"),
        ([("out", 0), ("in", 3)], "added after data"),
        ([("in", 0), ("out", 3)], "added after data"),
        ([("in", 0), ("out", 3), ("in", 5)], "added after data"),
        ([("out", 0), ("in", 0)], "planned"),
        ([("out", 0), ("in", 0), ("in", 3)], "planned"),
        ([("in", 0), ("in", 3)], "planned"),
    ],
)
def test_what_an_amendment_dropped_and_is_asked_again_is_added(plan, key, later, marked):
    has = whole(fever_or=plan) if plan else whole()
    without = whole() if plan else whole(fever_or=None)
    states = {"in": has, "out": without}
    given = [(has, 0), *((states[at], rows) for at, rows in later)]
    found = prespecified.rows(registered(*given), has)
    whole_key = ".".join(filter(None, ["syntheses.fever-or", key]))
    assert told(found) == ([(whole_key, marked)] if marked != "planned" else [])
    if marked != "planned":
        [row] = prespecified.differences(found)
        assert (row["registered"] != "", row["now"] != "") == (True, True)
    # A synthesis that nobody dropped is as the plan has it.
    assert prespecified.mark_of_result(found, "survival-1y") == "planned"
