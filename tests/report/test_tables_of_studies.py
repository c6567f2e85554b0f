"""Tables of studies: what the protocol names, no empty column, who paid, what became of texts."""

import pandas as pd

from livingmeta.plan import Protocol
from livingmeta.report import characteristics, set_aside
from livingmeta.report.page import page
from livingmeta.words.numbers import Numbers
from made_up_review import FLOW, made_up_tables, protocol


def with_columns(**columns):
    plan = protocol()
    found = made_up_tables(plan)
    studies = found["studies"].copy()
    for name, value in columns.items():
        studies[name] = value
    asked = Protocol.of(plan | {"report": {**plan["report"], "characteristics": [*columns, "x"]}})
    return characteristics.table(asked, found | {"studies": studies}, Numbers())


def test_a_column_in_which_no_study_says_anything_is_named_and_left_out():
    found = with_columns(country="Korea", site="", centre=None)
    assert found["columns"] == ["Country"]
    assert found["unsaid"] == ["site", "centre", "x"]
    assert {len(row["cells"]) for row in found["rows"]} == {1}
    assert found["support"] == []


def test_who_paid_has_a_table_once_a_study_says_so():
    studies = made_up_tables(protocol())["studies"]
    funding = pd.Series([""] * (len(studies) - 1) + ["A <b>foundation</b>"], index=studies.index)
    plan = protocol()
    tables = made_up_tables(plan)
    tables["studies"] = tables["studies"].assign(funding=funding)
    html = page.render(plan, tables, FLOW, {}).html
    assert "A &lt;b&gt;foundation&lt;/b&gt;" in html
    assert html.count("<td data-raw>not said</td>") == 2 * len(studies) - 1
    assert 'id="table-support"' in html


def test_the_log_of_full_texts_is_told_where_there_is_one():
    tables = made_up_tables(protocol())
    row = {"record_id": "doi:10.1/x", "title": "T", "held": "", "at_odds": "", "note": "asked"}
    row |= {"state": "not-retrieved", "how": "library", "sought_on": "2026-03-02"}
    for more, days in (({}, ["2 March 2026"]), ({"how": "", "sought_on": ""}, [])):
        found = tables | {"fulltexts": pd.DataFrame([row | more])}
        told = set_aside.section({}, found, Numbers())["full-texts"]
        assert [one["day"] for one in told] == days
    assert page.render(protocol(), tables, FLOW, {}).html.count("Log of") == 0
