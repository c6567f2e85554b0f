"""What changed between two states, and what moved the estimate."""

import json
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta import protocol as protocols
from livingmeta.living import changes, differences
from livingmeta.pooling.engines.models import fit
from states import TRIALS, make, protocol

FIRST = {name: TRIALS[name] for name in ("ahn", "bauer", "costa")}


def compared(before, after):
    """changes.json and changes.csv; the first must be plain JSON without NaN."""
    found, rows = changes.compare(before, after)
    json.dumps(found, allow_nan=False)
    return found, rows


def only(found) -> dict:
    [synthesis] = found["syntheses"]
    return synthesis


def shares(found) -> dict[str, float]:
    return {part["name"]: part["share"] for part in only(found)["attribution"]["parts"]}


def adds_up(found) -> None:
    attribution = only(found)["attribution"]
    total = only(found)["after"]["estimate"] - only(found)["before"]["estimate"]
    assert attribution["total"] == pytest.approx(total, abs=1e-15)
    assert abs(sum(shares(found).values()) - total) < 1e-9
    printed = [part["display"] for part in attribution["parts"]]
    assert attribution["times"]  # odds ratios
    assert attribution["display_total"] == pytest.approx(math.exp(total), rel=1e-9)
    assert math.prod(printed) == pytest.approx(math.exp(total), rel=1e-9)


def test_the_same_input_gives_an_empty_diff():
    found, rows = compared(make(TRIALS), make(TRIALS, protocol("2.0")))
    assert len(rows) == 0
    assert found["counts"] == {}
    assert found["text"] == "Nothing has changed since release 1.0."
    assert only(found)["change"] == "none"
    assert only(found)["attribution"] is None


def test_the_last_digits_of_another_machine_are_no_change():
    before, after = make(TRIALS), make(TRIALS, protocol("2.0"))
    for table in (after.effects, after.pooled):
        for column in table.select_dtypes("float"):
            table[column] *= 1 + 4e-16
    assert len(compared(before, after)[1]) == 0
    after.effects.loc[0, "yi"] *= 1 + 1e-7
    assert set(compared(before, after)[1]["kind"]) == {"effect"}


def flags(before, after):
    """Rows of the kind flag between two states in which ahn's report is flagged so."""
    made = [make(FIRST, traits={"ahn": {"flag": flag}}) for flag in (before, after)]
    rows = compared(*made)[1]
    return rows[rows["kind"] == "flag"].to_dict("records")


def test_a_report_that_is_flagged_since_is_told_with_what_it_touches():
    (row,) = flags("none", "retracted")
    assert (row["what"], row["study_id"]) == ("doi:10.5555/ahn", "ahn")
    assert (row["before"], row["after"]) == ("", "retracted")
    assert row["because"] == "its study counts in fever-or"
    assert flags("concern", "retracted")[0]["before"] == "under an expression of concern"
    assert flags("retracted", "none")[0]["after"] == ""
    assert flags("retracted", "retracted") == []
    assert flags("", "retracted") == []  # a release that kept no flags tells nothing


def test_a_flagged_report_of_a_study_that_is_new_is_told_too():
    after = make(TRIALS, traits={"diaz": {"flag": "retracted"}})
    rows = compared(make(FIRST), after)[1]
    assert rows[rows["kind"] == "flag"]["what"].tolist() == ["doi:10.5555/diaz"]
    assert rows["kind"].iloc[0] == "flag"  # the gravest stands first


def test_one_new_study_is_due_the_whole_change():
    later = {"diaz": {"found_on": "2026-01-01"}}
    after = make({**FIRST, "diaz": TRIALS["diaz"]}, protocol("2.0"), later)
    found, rows = compared(make(FIRST), after)
    adds_up(found)
    assert list(shares(found)) == ["diaz"]
    [effect] = only(found)["effects"]
    assert (effect["kind"], effect["label"]) == ("new", "Diaz")
    assert effect["because"] == "new study; first found by the search of 2026-01-01"
    kinds = set(rows["kind"])
    assert {"record", "study", "cell", "effect", "estimate", "attribution"} <= kinds


def test_two_new_studies_share_as_both_orders_say():
    """Worked by hand from four fits: each study's mean gain over the two orders."""
    after = make({**FIRST, "diaz": TRIALS["diaz"], "fox": TRIALS["fox"]}, protocol("2.0"))
    found, _ = compared(make(FIRST), after)
    values = after.effects_of("fever-or")

    def estimate(*extra):
        rows = [values[study] for study in (*FIRST, *extra)]
        return fit([r["yi"] for r in rows], [r["vi"] for r in rows], tau2="REML").estimate

    none, diaz, fox, both = estimate(), estimate("diaz"), estimate("fox"), estimate("diaz", "fox")
    assert shares(found)["diaz"] == pytest.approx(((diaz - none) + (both - fox)) / 2, abs=1e-12)
    assert shares(found)["fox"] == pytest.approx(((fox - none) + (both - diaz)) / 2, abs=1e-12)
    adds_up(found)


def test_a_corrected_number_is_named_as_such():
    found, rows = compared(make(FIRST), make({**FIRST, "costa": (12, 60, 41, 60)}, protocol("2.0")))
    adds_up(found)
    [part] = only(found)["attribution"]["parts"]
    assert (part["kind"], part["name"]) == ("corrected", "costa")
    assert part["because"] == "printed numbers: fever none events: value 41 now, 14 before"
    [cell] = rows[rows["kind"] == "cell"].to_dict("records")
    assert (cell["before"], cell["after"]) == ("14", "41")


def test_a_study_that_left_and_one_whose_reports_moved_on():
    before = make(TRIALS, traits={"fox": {"status": "awaiting"}, "diaz": {"status": "included"}})
    rest = {name: counts for name, counts in TRIALS.items() if name != "ahn"}
    after = make(rest, protocol("2.0"), {"diaz": {"status": "excluded"}})
    found, rows = compared(before, after)
    adds_up(found)
    because = {part["name"]: part["because"] for part in only(found)["attribution"]["parts"]}
    assert because == {
        "fox": "its reports are included now, awaiting before",
        "ahn": "studies.csv names it no more",
        "diaz": "its reports are excluded now, included before",
    }
    decisions = rows[rows["kind"] == "decision"]
    assert set(decisions["what"]) == {"doi:10.5555/fox", "doi:10.5555/diaz"}
    assert rows[(rows["kind"] == "record")]["because"].tolist() == [
        "no search export holds it any more"
    ]


def test_a_synthesis_that_is_new_or_gone_is_one_key_of_the_protocol():
    asked = protocol("2.0")
    [name] = asked["syntheses"]
    more = asked | {"syntheses": asked["syntheses"] | {f"{name}-too": asked["syntheses"][name]}}
    rows = {}
    for word, sides in {"new": (protocol("1.0"), more), "gone": (more, protocol("2.0"))}.items():
        found = differences.of_protocol(*(make(TRIALS, side) for side in sides))
        [rows[word]] = found
        assert rows[word]["what"] == f"syntheses.{name}-too"
        assert rows[word]["synthesis"] == f"{name}-too"
    assert rows["new"]["before"] == rows["gone"]["after"] == ""
    assert json.loads(rows["new"]["after"]) == asked["syntheses"][name]
    assert rows["gone"]["before"] == rows["new"]["after"]


def test_a_pinned_model_is_a_part_of_its_own():
    after = make(TRIALS, protocol("2.0", model={"tau2": "FE", "interval": "wald"}))
    found, rows = compared(make(FIRST), after)
    adds_up(found)
    assert set(shares(found)) == {"diaz", "eriksen", "fox", "model"}
    assert shares(found)["model"] != 0.0
    [part] = [p for p in only(found)["attribution"]["parts"] if p["name"] == "model"]
    assert part["because"] == "model: auto before, tau2 FE; interval wald now"
    assert "syntheses.fever-or.model" in set(rows[rows["kind"] == "protocol"]["what"])
    only_model, _ = compared(make(TRIALS), after)
    assert list(shares(only_model)) == ["model"]
    adds_up(only_model)


def test_a_filter_is_a_part_of_its_own_beside_the_studies_it_lets_in():
    traits = {name: {"design": "trial" if name != "fox" else "cohort"} for name in TRIALS}
    narrow = {"include": {"design": ["trial"], "status": ["included"]}}
    before = make({k: v for k, v in TRIALS.items() if k != "diaz"}, protocol(**narrow), traits)
    after = make(TRIALS, protocol("2.0"), traits)
    found, _ = compared(before, after)
    adds_up(found)
    assert set(shares(found)) == {"diaz", "include"}
    # Only fox comes in by the filter: its share is that of a study put in by itself.
    plain, _ = compared(before, make({**TRIALS, "diaz": TRIALS["diaz"]}, protocol("2.0"), traits))
    assert shares(plain) == shares(found)
    effects = {e["study_id"]: e["because"] for e in only(found)["effects"]}
    assert effects["fox"] == "the same study and numbers; the protocol lets it in or out"


def test_filter_and_data_that_only_together_let_a_study_in():
    """The old filter wants cohorts and the study was a trial; now both are the other way about,
    so no single change can be thought of without the other: they share as one."""
    lone = {"ahn": TRIALS["ahn"]}
    before = make(lone, protocol(include={"design": ["cohort"]}), {"ahn": {"design": "cohort"}})
    after = make(
        {"ahn": (9, 40, 17, 40)},
        protocol("2.0", include={"design": ["trial"]}),
        {"ahn": {"design": "trial"}},
    )
    found, _ = compared(before, after)
    adds_up(found)
    [part] = only(found)["attribution"]["parts"]
    assert part["kind"] == "together"
    assert only(found)["attribution"]["method"] == "none"


def test_effects_that_cannot_be_computed_anew_stay_with_their_studies():
    """A release whose effects came by a route that its frozen numbers no longer give."""
    before = make(FIRST, protocol(include={"status": ["included", "awaiting"]}))
    before.effects.loc[0, "yi"] += 0.25
    before.pooled.loc[before.pooled["primary"], "estimate"] += 0.0
    after = make(TRIALS, protocol("2.0"))
    found, _ = compared(before, after)
    adds_up(found)
    assert "include" not in shares(found)
    assert "cannot be computed anew" in only(found)["attribution"]["note"]
    assert "software" in shares(found)


def test_a_new_program_has_a_share_of_its_own():
    before = make(FIRST)
    before.pooled["estimate"] += 0.125
    found, _ = compared(before, make({**FIRST, "fox": TRIALS["fox"]}, protocol("2.0")))
    adds_up(found)
    assert shares(found)["software"] == pytest.approx(-0.125, abs=1e-12)


def test_a_small_change_by_a_new_program_is_a_share_too():
    before = make(FIRST)
    before.pooled["estimate"] += 0.005
    found, _ = compared(before, make({**FIRST, "fox": TRIALS["fox"]}, protocol("2.0")))
    adds_up(found)
    assert shares(found)["software"] == pytest.approx(-0.005, abs=1e-12)


def test_a_result_of_another_kind_of_model_is_not_shared_out():
    after = make(TRIALS, protocol("2.0"))
    after.pooled["estimate"] += 0.5
    found, _ = compared(make(FIRST), after)
    attribution = only(found)["attribution"]
    assert (attribution["method"], attribution["parts"]) == ("none", [])
    assert "no model that mixtures" in attribution["note"]


def test_a_synthesis_that_appears_disappears_or_asks_something_else():
    asked = protocol("2.0")
    asked["syntheses"]["fever-rr"] = {**asked["syntheses"]["fever-or"], "measure": "RR"}
    found, rows = compared(make(TRIALS), make(TRIALS, asked))
    state = {s["synthesis"]: s["change"] for s in found["syntheses"]}
    assert state == {"fever-or": "none", "fever-rr": "new"}
    assert rows[rows["kind"] == "synthesis"]["what"].tolist() == ["new"]
    found, rows = compared(make(TRIALS, asked), make(TRIALS))
    state = {s["synthesis"]: s["change"] for s in found["syntheses"]}
    assert state == {"fever-or": "none", "fever-rr": "gone"}
    found, _ = compared(make(TRIALS), make(TRIALS, protocol("2.0", measure="RR")))
    assert only(found)["change"] == "another question"
    assert only(found)["attribution"] is None


def test_a_synthesis_that_gets_its_first_study_and_loses_its_last():
    one, none = (
        make({"ahn": TRIALS["ahn"]}),
        make({"ahn": TRIALS["ahn"]}, traits={"ahn": {"status": "excluded"}}),
    )
    found, _ = compared(none, one)
    assert (only(found)["change"], only(found)["before"]) == ("new", None)
    assert only(found)["effects"][0]["kind"] == "new"
    found, _ = compared(one, none)
    assert (only(found)["change"], only(found)["after"]) == ("gone", None)


def test_the_conclusion_is_followed():
    harm = {"ahn": (30, 40, 8, 40), "bauer": (25, 30, 5, 30), "costa": (40, 60, 12, 60)}
    found, rows = compared(make(FIRST), make(harm, protocol("2.0")))
    conclusion = only(found)["conclusion"]
    assert conclusion["before"]["favours"] == "drug"
    assert conclusion["after"] == {
        "favours": "none",
        "excludes_no_effect": True,
        "thresholds": [],
        "text": "favours nothing; the interval excludes no effect",
    }
    assert conclusion["changed"]
    assert rows["kind"].tolist().count("conclusion") == 1
    assert found["text"].endswith("The conclusion of 1 of 1 syntheses differs.")


def test_the_side_of_a_threshold_is_part_of_the_conclusion():
    """0.4 lies within the interval of three trials and above that of the same ten times over."""
    asked = protocol("2.0", thresholds=[0.4])
    many = {f"{name}-{i}": counts for name, counts in FIRST.items() for i in range(10)}
    before, after = make(FIRST), make(many, asked)
    found, rows = compared(before, after)
    result = only(found)
    assert before.primary("fever-or")["display_ci_low"] < 0.4 < result["before"]["display_ci_high"]
    assert result["after"]["display_ci_low"] > 0.4
    told = [result["conclusion"][side]["thresholds"][0] for side in ("before", "after")]
    assert [t["interval"] for t in told] == ["across", "above"]
    assert result["conclusion"]["changed"]
    assert "above the threshold of 0.40 with its whole interval" in result["conclusion"]["text"]
    # A threshold that is new is a change of the protocol, and of no result.
    found, rows = compared(make(FIRST), make(FIRST, asked))
    assert rows["kind"].tolist() == ["protocol"]
    assert not only(found)["conclusion"]["changed"]


def test_a_key_that_came_to_the_schema_since_a_release_is_no_change():
    then = protocol()
    for key in ("thresholds", "information_size"):
        del then["syntheses"]["fever-or"][key]
    now = protocols.with_defaults(protocol())
    assert protocols.with_defaults(then)["syntheses"] == now["syntheses"]


def test_many_changes_are_drawn_and_still_add_up():
    rng = random.Random(5)
    many = {f"trial-{i:02d}": (rng.randint(2, 20), 40, rng.randint(2, 20), 40) for i in range(20)}
    few = {name: counts for name, counts in many.items() if name < "trial-05"}
    found, _ = compared(make(few), make(many, protocol("2.0")))
    attribution = only(found)["attribution"]
    assert (attribution["method"], len(attribution["parts"])) == ("sampled", 15)
    assert all(part["error"] > 0 for part in attribution["parts"])
    adds_up(found)


COUNTS = st.tuples(st.integers(0, 20), st.just(40), st.integers(0, 20), st.just(40)).filter(
    lambda c: c[0] + c[2] > 0
)


@settings(max_examples=12, deadline=None)
@given(
    st.dictionaries(st.sampled_from(list(TRIALS)), COUNTS, min_size=1),
    st.dictionaries(st.sampled_from(list(TRIALS)), COUNTS, min_size=1),
    st.sampled_from(["auto", {"tau2": "DL", "interval": "wald"}]),
)
@pytest.mark.heavy
def test_whatever_changes_the_shares_add_up(first, second, model):
    before, after = make(first), make(second, protocol("2.0", model=model))
    found, rows = compared(before, after)
    if only(found)["attribution"]:
        adds_up(found)
    assert (first == second and model == "auto") == (len(rows) == 0)


def test_the_latest_release_is_the_one_compared_with():
    one, two = make(FIRST), make(TRIALS, protocol("2.0"))
    found, rows = changes.since([], one)
    assert (found["since"], len(rows)) == (None, 0)
    assert "No release yet" in found["text"]
    found, rows = changes.since([one], two)
    assert (found["since"], found["version"]) == ("1.0", "2.0")
    assert len(rows)
    assert found["previous"] is None
    found, rows = changes.since([one, two], two)
    assert (found["since"], len(rows)) == ("2.0", 0)
    assert found["previous"]["since"] == "1.0"
    assert [release["version"] for release in found["releases"]] == ["1.0", "2.0"]


def test_a_record_keeps_its_place_when_it_gets_a_better_name():
    before, after = make(FIRST), make(FIRST)
    before.records.loc[0, "record_id"] = "pmid:7"
    before.records.loc[0, "identifiers"] = "pmid:7 title:ahn"
    assert differences.matched(before, after)["pmid:7"] == "doi:10.5555/ahn"
    assert differences.of_records(before, after, differences.matched(before, after)) == []


def test_a_statistic_printed_twice_is_compared_with_its_twin():
    before, after = make(FIRST), make(FIRST)
    for state in (before, after):
        state.outcomes.loc[len(state.outcomes)] = state.outcomes.loc[0]
        state.outcomes.loc[len(state.outcomes) - 1, "value"] = 9.0
    assert differences.of_cells(before, after) == []
    after.outcomes.loc[0, "value"] = 7.0
    [row] = differences.of_cells(before, after)
    assert (row["before"], row["after"]) == ("8", "7")
    after.outcomes.loc[len(after.outcomes)] = {
        **after.outcomes.loc[0],
        "value": 5.0,
        "printed": "5",
    }
    assert [(r["before"], r["after"]) for r in differences.of_cells(before, after)] == [
        ("8", "7"),
        ("", "5"),
    ]
