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
    html, _, _ = page.render(
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
    html, printed, _ = page.render(plan, made_up_tables(plan), FLOW, {})
    known = {entry["id"]: entry["text"] for entry in printed}
    assert (known["tb/threshold/0"], known["tb/threshold/1"]) == ("0.45", "0.80")
    told = whole(html, "synthesis-tb")
    assert "above 0.45, which its interval includes; below 0.80 with its whole interval." in told
    assert "Against the protocol" not in whole(html, "synthesis-os-four")


def test_without_judgements_of_certainty_the_page_says_so():
    plan = protocol()
    html, _, _ = page.render(plan, made_up_tables(plan), FLOW, {})
    assert "no result here has been graded" in whole(html, "summary")
    assert 'id="certainty"' not in html
