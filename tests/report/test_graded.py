"""How sure people are of each result, as the page shows it."""

import pandas as pd
from made_up_review import FLOW, NASTY, made_up_tables, protocol
from test_page import Page, whole

from livingmeta.report import page


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
    html, _ = page.render(
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


def test_without_judgements_of_certainty_the_page_says_so():
    plan = protocol()
    html, _ = page.render(plan, made_up_tables(plan), FLOW, {})
    assert "no result here has been graded" in whole(html, "summary")
    assert 'id="certainty"' not in html
