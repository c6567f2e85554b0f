"""How sure people are of each result, as the page shows it."""

import pandas as pd
from test_page import Page, whole

from livingmeta.report.page import page
from made_up_review import FLOW, NASTY, made_up_tables, protocol


def test_certainty_stands_beside_the_result_and_in_a_section():
    plan = protocol()
    rows = [
        ("tb", "overall", "low", "", "ab"),
        ("tb", "imprecision", "very-serious", f"Few events {NASTY}", "ab"),
        ("tb", "large-effect", "large", "RR under 0.5", "cd"),
        ("tb", "indirectness", "not-serious", "", "cd"),
    ]
    names = ["synthesis", "domain", "judgement", "reason", "assessor"]
    changes = {"since": None, "syntheses": []}
    html, *_ = page.render(
        plan,
        made_up_tables(plan) | {"certainty": pd.DataFrame(rows, columns=names)},
        FLOW,
        {},
        changes=changes,
    )
    assert "Certainty: low (imprecision and large effect)." in whole(html, "summary")
    section = whole(html, "certainty")
    assert "Low: further research is likely to change it." in section
    assert "Very serious imprecision: Few events" in section
    assert "Large large effect" not in section
    assert section.count("not judged") == len(plan["syntheses"]) - 1
    assert not Page(html).wrong


def test_the_result_is_held_against_the_thresholds_of_the_protocol():
    plan = protocol()
    plan["syntheses"]["tb"]["thresholds"] = [0.45, 0.8]
    html, printed, *_ = page.render(plan, made_up_tables(plan), FLOW, {})
    known = {entry["id"]: entry["text"] for entry in printed}
    assert (known["tb/threshold/0"], known["tb/threshold/1"]) == ("0.45", "0.80")
    told = whole(html, "synthesis-tb")
    assert "above 0.45, which its interval includes; below 0.80 with its whole interval." in told
    assert "Against the protocol" not in whole(html, "synthesis-os-four")


def test_without_judgements_of_certainty_the_page_says_so():
    plan = protocol()
    html, *_ = page.render(plan, made_up_tables(plan), FLOW, {})
    assert "no result here has been graded" in whole(html, "summary")
    assert 'id="certainty"' not in html


def test_a_synthesis_says_how_many_studies_there_are_without_and_with_what_is_to_be_settled():
    plan = protocol()
    outcomes = made_up_tables(plan)["outcomes"]
    twice = outcomes[(outcomes["study_id"] == "fourth") & (outcomes["arm"] == "bcg")]
    twice = twice.assign(value=0.27, printed="27%", row=900, extractor="kim")
    tables = made_up_tables(plan, pd.concat([outcomes, twice], ignore_index=True))
    html, printed, *_ = page.render(plan, tables, FLOW, {})
    known = {entry["id"]: entry["value"] for entry in printed}
    assert known["os-four/k-settled"] == known["os-four/k"] + 1
    told = whole(html, "synthesis-os-four")
    assert "For Fourth 2014, two values of one number contradict one another" in told
    assert "4 with it once that is settled" in told
    assert "contradict" not in whole(html, "synthesis-tb")
    assert not Page(html).wrong
