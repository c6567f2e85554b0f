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
    assert found["support"]["rows"] == []


def test_what_few_studies_say_stands_beneath_the_table():
    """A column that a third of the studies fill stays; one less, and it is a list."""
    studies = made_up_tables(protocol())["studies"]
    k = len(studies)
    enough = -(-k // 3)
    assert 1 < enough < k

    def of(n):
        return pd.Series(["x"] * n + [""] * (k - n), index=studies.index)

    found = with_columns(country=of(enough), site=of(enough - 1))
    shown = len(found["rows"])
    assert shown == k
    assert found["columns"] == ["Country"]
    assert {len(row["cells"]) for row in found["rows"]} == {1}
    (sparse,) = found["sparse"]
    assert sparse["head"] == "Site"
    assert [one["cell"] for one in sparse["values"]] == [{"text": "x"}] * (enough - 1)


def test_the_values_of_a_sparse_column_are_on_the_page_with_their_studies():
    plan = protocol()
    tables = made_up_tables(plan)
    studies = tables["studies"]
    tables["studies"] = studies.assign(site=["lung <i>"] + [""] * (len(studies) - 1))
    plan["report"]["characteristics"] = ["design", "site"]
    html = page.render(plan, tables, FLOW, {}).html
    assert f"{studies['label'].iloc[0]}: lung &lt;i&gt;</span></td>" in html
    assert '<th scope="col">Site</th>' not in html


def test_who_paid_has_a_table_once_a_study_says_so():
    studies = made_up_tables(protocol())["studies"]
    funding = pd.Series([""] * (len(studies) - 1) + ["A <b>foundation</b>"], index=studies.index)
    plan = protocol()
    tables = made_up_tables(plan)
    tables["studies"] = tables["studies"].assign(funding=funding)
    html = page.render(plan, tables, FLOW, {}).html
    assert "A &lt;b&gt;foundation&lt;/b&gt;" in html
    assert html.count("<td>not said</td>") == len(studies) - 1
    assert "Interests declared" not in html
    assert "Of no study it was noted which interests its authors declare." in html
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
