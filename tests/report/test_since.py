"""The section on what changed since the latest release."""

from livingmeta.report import changes_section
from livingmeta.report.page import page
from livingmeta.words.numbers import Numbers
from made_up_review import FLOW, made_up_tables, protocol


def changes(**more):
    row = {"measure": "OR", "k": 3, "display_estimate": 1.5, "display_ci_low": 0.9}
    one = {
        "synthesis": "s",
        "title": "Relapse",
        "change": "changed",
        "before": row | {"display_ci_high": 2.5},
        "after": row | {"display_estimate": 2.0, "display_ci_low": 1.1, "display_ci_high": 3.6},
        "attribution": {
            "parts": [
                {
                    "kind": "new",
                    "label": "Kim 2021",
                    "share": 0.4,
                    "display": 1.5,
                    "because": "new study",
                },
                {
                    "kind": "removed",
                    "label": "Li 2012",
                    "share": -0.11232,
                    "display": 0.89,
                    "because": "gone",
                },
            ],
            "total": 0.28768,
            "display_total": 1.3333,
            "times": True,
            "note": "",
        },
        "conclusion": {"text": "the interval excludes no effect now", "changed": True},
        "certainty": {"before": "", "after": "", "as_before": False},
    }
    given = {
        "since": "1.0",
        "searched_to": {"before": "2024-01-10", "after": "2025-02-01"},
        "counts": {"record": 4, "study": 1, "guard rail": 2},
        "flow": None,
        "protocol": [],
        "syntheses": [one],
        "curves": [],
    }
    return given | more


def test_a_first_version_has_no_such_section():
    assert changes_section.section(None, Numbers()) is None
    assert changes_section.section(changes(since=None), Numbers()) is None


def test_every_number_of_the_section_is_registered():
    numbers = Numbers()
    found = changes_section.section(changes(), numbers)
    texts = {entry["id"]: entry["text"] for entry in numbers.as_list()}
    assert all(id_.startswith("living/") for id_ in texts)
    assert texts["living/s/before/estimate"] == "1.50"
    assert texts["living/s/after/ci"] == "1.10 to 3.60"
    assert texts["living/s/share/0"] == "0.4000"
    assert texts["living/s/total"] == "0.2877"
    assert texts["living/s/total/printed"] == "1.33"
    assert found["syntheses"][0]["moves"] == "Multiplies it by"
    assert found["counts"] == [
        ("living/record", "record"),
        ("living/study", "study detail"),
        ("living/guard-rail", "guard rail"),
    ]
    assert found["syntheses"][0]["differs"]


def test_a_synthesis_that_is_new_has_no_before():
    numbers = Numbers()
    one = changes()["syntheses"][0] | {"before": None, "attribution": None, "conclusion": None}
    found = changes_section.section(changes(syntheses=[one]), numbers)["syntheses"][0]
    assert (found["before"], found["after"], found["parts"]) == (False, True, [])


def test_the_page_shows_it_and_offers_its_numbers():
    plan = protocol()
    name = next(iter(plan["syntheses"]))
    one = changes()["syntheses"][0] | {"synthesis": name}
    html, printed, *_ = page.render(
        plan, made_up_tables(plan), FLOW, {}, changes=changes(syntheses=[one])
    )
    assert "What changed since version 1.0" in html
    assert "Kim 2021" in html
    assert f"living/{name}/share/0" in {entry["id"] for entry in printed}
    assert "What changed since" not in page.render(plan, made_up_tables(plan), FLOW, {})[0]
