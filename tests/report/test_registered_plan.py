"""What was planned, on the page: beside each result, and in the section on the plan."""

import re

import pandas as pd

from livingmeta.report.page import page
from made_up_document import parts
from made_up_review import FLOW, NASTY


def seen(html: str) -> str:
    """All text of a page without its tags, scripts and drawings."""
    part = re.sub(r"<(svg|script|style).*?</\1>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", part))


def test_what_was_not_planned_is_said_beside_each_result_and_told_in_a_table():
    made = parts()
    plan, found, figures = (made[name] for name in ("protocol", "tables", "figures"))
    plain, _, none, _ = page.render(plan, found, FLOW, figures)
    assert "Registered plan: none." in seen(plain)
    assert "Not as planned" not in seen(plain)
    assert "plan" not in none.anchors
    late, changed = list(plan["syntheses"])[:2]
    marks = [(late, "added after data"), (changed, "changed"), ("gone", "dropped")]
    of_plan = [
        {"synthesis": name, "analysis": "synthesis", "name": name, "mark": mark, "key": "k"}
        | {"registered": "", "now": "", "amended_on": "", "amended": ""}
        for name, mark in marks
    ]
    difference = {"key": f"syntheses.{changed}.time", "syntheses": changed, "mark": "changed"}
    difference |= {"registered": "12", "now": "24", "amended_on": "2026-03-04"}
    difference |= {"amended": "before data", "reason": NASTY}
    registered = {"file": "config/registered/2026-01-02.json", "registered_on": "2026-01-02"}
    registered |= {"version": "1.0", "outcome_rows": 41, "curves": 0, "sha256": "ab" * 32}
    tables_ = found | {
        "pooled": found["pooled"].assign(
            prespecified=found["pooled"]["synthesis"].map(dict(marks)).fillna("planned")
        ),
        "prespecified": pd.DataFrame(of_plan),
        "registrations": pd.DataFrame([registered]),
        "amendments": pd.DataFrame([difference]),
    }
    html, entries, content, _ = page.render(plan, tables_, FLOW, figures)
    told = seen(html)
    assert "plan" in content.anchors
    assert told.count("Not as planned: added after data (what differs)") == 1
    assert told.count("Not as planned: changed since the plan was registered (what differs)") == 1
    assert "Registered plan: 2 January 2026, when data stood already; what differs." in told
    assert "when 41 printed numbers of outcomes had been taken down already" in told
    assert "4 March 2026, before data" in told
    assert NASTY not in re.search('<section id="plan".*?</section>', html, re.DOTALL)[0]
    numbers = {entry["id"]: entry["value"] for entry in entries}
    assert numbers["plan/0/outcome_rows"] == 41
    assert (numbers["plan/changed"], numbers["plan/added-after-data"]) == (1, 1)
