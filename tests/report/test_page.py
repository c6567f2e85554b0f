"""The page: that it stands alone, says what the numbers say, and lets nothing in."""

import json
import re

import pandas as pd
import pytest

from livingmeta.figures.colours import COLOURS
from livingmeta.living import to_settle
from livingmeta.report import inline, results
from livingmeta.report.page import page
from livingmeta.words.numbers import NumbersError
from made_up_review import FLOW, NASTY, made_up_figures, made_up_tables, protocol
from printed_text import Page, unpacked


@pytest.fixture(scope="module")
def plan():
    return protocol()


@pytest.fixture(scope="module")
def found(plan):
    return made_up_tables(plan)


@pytest.fixture(scope="module")
def figures(plan, found):
    return made_up_figures(plan, found)


@pytest.fixture(scope="module")
def rendered(plan, found, figures):
    return page.render(plan, found, FLOW, figures, agreement={})


@pytest.fixture(scope="module")
def taken_apart(rendered):
    return Page(rendered[0])


@pytest.fixture(scope="module")
def words(taken_apart):
    """All that a reader reads, in one line."""
    html = "".join(taken_apart.prose)
    return re.sub(r"\s+", " ", html)


def whole(html: str, section: str) -> str:
    """The text of one section, numbers included, without its tags."""
    part = re.search(rf'<section id="{section}".*?</section>', html, flags=re.DOTALL)[0]
    part = re.sub(r"<(svg|script|style).*?</\1>", "", part, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", part))


def test_every_element_is_closed_and_every_id_is_one(taken_apart):
    assert not taken_apart.wrong
    assert not taken_apart.open
    assert len(taken_apart.ids) == len(set(taken_apart.ids))


def test_the_page_asks_nobody_for_anything(rendered, taken_apart):
    assert not taken_apart.names & {"link", "img", "iframe", "object", "base", "video", "audio"}
    html = rendered[0]
    assert "default-src 'none'" in html
    assert not re.search(r"@import|url\(\s*['\"]?https?:", html)
    for address in taken_apart.addresses:
        assert re.match(r"#|https://(doi\.org|pubmed)|data:image/svg\+xml;base64,", address), (
            address
        )


def test_links_within_the_page_lead_somewhere(taken_apart):
    wanted = {a[1:] for a in taken_apart.addresses if a.startswith("#") and a != "#"}
    assert wanted <= set(taken_apart.ids)


def test_text_of_the_data_is_text(rendered, taken_apart):
    assert "<script>alert" not in rendered[0]
    assert "javascript:" not in "".join(taken_apart.addresses)
    assert f"BCG {NASTY}" in "".join(taken_apart.prose)


def test_numbers_are_those_of_the_register(rendered, taken_apart):
    register = {entry["id"]: entry["text"] for entry in rendered[1]}
    assert len(taken_apart.numbers) > 300
    for id_, text in taken_apart.numbers:
        assert text == register[id_] or f"<{text}" == register[id_], id_


def test_no_number_with_a_fraction_is_printed_past_the_register(words):
    allowed = re.sub(r"95%|half-normal\(0\.5\)|version \d+\.\d+", "", words)
    allowed = allowed.replace(NASTY, "")
    assert not re.findall(r".{20}\d\.\d.{5}|.{20}\d%", allowed)


def test_numbers_of_the_figures_are_those_of_the_register(rendered, figures):
    entries = {entry["id"]: entry["text"] for entry in rendered[1]}
    for name, figure in figures.items():
        kind, _, synthesis = name.partition("-")
        if kind != "forest":
            continue
        drawn = set(re.findall(r">([−\d.,%<]+) \(([^()]*)\)<", figure.svg))
        known = {
            (text, entries.get(id_.replace("/estimate", "/ci")))
            for id_, text in entries.items()
            if id_.startswith(f"{synthesis}/") and id_.endswith("/estimate")
        }
        assert drawn <= known, name
        assert drawn or synthesis == "os-none"


def tokens(text: str) -> set[str]:
    return set(re.findall(r"\d[\d,]*(?:\.\d+)?", text))


def test_every_number_drawn_stands_in_the_register(rendered, figures, found):
    """All of a forest plot but its ticks, its labels and the words under it."""
    known = set().union(*(tokens(entry["text"]) for entry in rendered[1]))
    labels = set().union(*map(tokens, [*found["studies"]["label"], *protocol()["arms"]]))
    ours = {"95", "0.5"}  # the level of the intervals, and the prior's scale in its name
    checked = 0
    for name, figure in figures.items():
        if not name.startswith(("forest", "estimators")):
            continue
        for line in re.findall(r"<text [^>]*text-anchor: (?:start|end)[^>]*>([^<]*)<", figure.svg):
            if line.startswith(("Route:", "Survival at", "Models", "Leaving")):
                continue
            strangers = tokens(re.sub(r"^S?[A-Z]?\d+$", "", line)) - known - labels - ours
            assert not strangers, (name, line)
            checked += 1
    assert checked > 200


@pytest.mark.heavy
def test_another_number_in_one_raw_cell_is_another_number_everywhere(plan, found, rendered):
    outcomes = found["outcomes"].copy()
    row = outcomes["printed"] == "66.6%"
    outcomes.loc[row, ["value", "printed"]] = [0.5, "50%"]
    again = made_up_tables(plan, outcomes)
    html, entries, *_ = page.render(plan, again, FLOW, made_up_figures(plan, again), agreement={})
    before = {e["id"]: e["text"] for e in rendered[1]}
    after = {e["id"]: e["text"] for e in entries}
    changed = {id_ for id_ in after if after[id_] != before[id_]}
    assert "os-two/study/pair-one/estimate" in changed
    assert "os-two/fe-wald/estimate" in changed
    assert "os-four/reml-hksj-guarded/estimate" in changed
    assert not any(id_.startswith("tb/") for id_ in changed)
    assert "66.6%" in rendered[0]
    assert "66.6%" not in html


def test_a_cited_row_that_is_gone_stops_the_report(plan, found, figures):
    outcomes = found["outcomes"]
    tables = found | {"outcomes": outcomes[outcomes["row"] != 2]}
    with pytest.raises(NumbersError, match=r"Aronson-1948: its effect cites row 2 of data/raw"):
        page.render(plan, tables, FLOW, figures)


def test_every_chain_ends_at_what_people_brought(rendered):
    entries = {entry["id"]: entry for entry in rendered[1]}

    def ends(id_, seen=()):
        assert id_ not in seen, f"{id_} is its own ancestor"
        if id_ not in entries:
            return {id_}
        return {e for parent in entries[id_]["parents"] for e in ends(parent, (*seen, id_))}

    for id_ in entries:
        for end in ends(id_):
            assert re.match(r"data/raw/|config/config\.yaml|results/|as ", end), (id_, end)
    printed = set(ends("tb/reml-hksj-guarded/estimate"))
    assert len(printed) == 26
    assert all(e.startswith("data/raw/extraction/outcomes.csv, row ") for e in printed)


def test_printed_rows_come_with_their_source_and_quote(rendered):
    source, quote, _ = unpacked(rendered[0])["printed/2"][4:]
    assert source == "https://example.org/Aronson-1948"
    assert NASTY in quote


def test_one_study_is_not_called_a_synthesis(rendered):
    text = whole(rendered[0], "synthesis-os-one")
    assert "One study, Alone 2013" in text
    assert "A single study is not a synthesis. Nothing was pooled" in text
    assert "pooled odds ratio" not in text
    assert "neither a risk ratio nor a hazard ratio" in text
    assert "Models side by side" not in text


def test_two_studies_are_described(rendered):
    text = whole(rendered[0], "synthesis-os-two")
    assert "Two studies give usable effects" in text
    assert "describes these two studies" in text
    assert "no prediction interval is given" in text


def test_no_study_is_said_and_the_page_goes_on(rendered):
    assert "No study gives a usable effect" in whole(rendered[0], "synthesis-os-none")


def test_very_many_studies_without_an_effect_for_one_reason_are_counted(
    plan, found, figures, monkeypatch
):
    alike = found["unusable"].value_counts(["synthesis", "reason"])
    (name, reason), count = alike.index[0], int(alike.iloc[0])
    assert count > 1
    monkeypatch.setattr(results, "ALIKE", count - 1)
    html, entries = page.render(plan, found, FLOW, figures)[:2]
    said = re.sub(r"\s+", " ", whole(html, f"synthesis-{name}"))
    assert f"{count} studies: {reason} (each by name in results/effects/unusable.csv)" in said
    assert said.count(reason) == 1
    values = {entry["id"]: entry["value"] for entry in entries}
    assert values[f"{name}/unusable-alike/1"] == count
    assert values[f"{name}/unusable"] == alike[name].sum()


def test_thirteen_studies_get_it_all(rendered):
    text = whole(rendered[0], "synthesis-tb")
    assert "13 studies with 357,347 patients. Pooled risk ratio: 0.49" in text
    assert "in favour of BCG" in text
    assert "Model: random effects (REML), guarded Hartung-Knapp interval." in text
    assert "95% prediction interval" in text
    assert "Tests for small-study effects" in text
    assert "Funnel plot" in text
    assert "of 1,000 patients with no vaccine" in text


def test_a_funnel_of_few_studies_is_not_shown(rendered):
    assert "No funnel plot is shown" in whole(rendered[0], "synthesis-os-four")
    assert 'id="figure-funnel-os-four"' not in rendered[0]


def test_a_survival_odds_ratio_is_carried_back_to_patients(rendered):
    # 10.5 of 21 without, OR 2.33: 700 of 1,000 with.
    text = whole(rendered[0], "synthesis-os-one")
    assert "with no vaccine 500 survive to that time" in text
    assert "with BCG about 700 would" in text


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        ("HR", "over the whole follow-up: below 1 it speaks for BCG"),
        ("RR", "a ratio of the chances of survival: above 1 it speaks for BCG"),
        ("OR", "neither a risk ratio nor a hazard ratio"),
    ],
)
def test_what_a_ratio_of_survival_means_is_said(plan, measure, said):
    asked = plan["syntheses"]["os-one"] | {"measure": measure}
    if measure == "HR":
        asked = asked | {"time": None}
    published = plan["published"] | {"results": []}
    one = plan | {"syntheses": {"os-one": asked}, "published": published}
    tables = made_up_tables(one)
    html, *_ = page.render(one, tables, FLOW, {})
    assert said in whole(html, "synthesis-os-one")
    assert len(tables["effects"]) == 1 or measure == "HR"


def test_singular_and_plural(rendered):
    text = " ".join(
        whole(rendered[0], s) for s in ("summary", "flow", "synthesis-os-one", "published")
    )
    assert not re.search(r"(?<![\d.,])1 (studies|records|reports|patients|effects|points)\b", text)
    assert "1 was a duplicate and 1 could not be read" in text
    assert "1 study with 1,234 patients" in text


def test_the_way_from_records_to_studies_in_words(rendered):
    text = whole(rendered[0], "flow")
    for sentence in (
        "The searches found 30 records; 1 was a duplicate and 1 could not be read.",
        "Of 27 records screened, 5 were excluded on title and abstract.",
        "Of 21 reports assessed, 2 were excluded and 1 still awaits a decision.",
        "This leaves 17 studies in 18 reports.",
    ):
        assert sentence in text
    assert "28 records led to 17 included studies; 1 record still awaits a decision." in whole(
        rendered[0], "summary"
    )


def test_published_percentages_stand_beside_ours(rendered):
    text = whole(rendered[0], "published")
    assert "43.3%" in text
    assert "0.49 (0.34 to 0.70)" in text


def test_same_data_same_bytes(plan, found, figures, rendered):
    assert page.render(plan, found, FLOW, figures, agreement={}) == rendered


def test_a_review_without_anything_is_still_a_page(plan, found):
    empty = {name: table.iloc[:0] for name, table in found.items()}
    counts = json.loads(re.sub(r": \d+", ": 0", json.dumps(FLOW)))
    counts["excluded_full_text"]["reasons"] = []
    html, *_ = page.render(plan, empty, counts, made_up_figures(plan, empty))
    apart = Page(html)
    assert not apart.wrong
    assert "No study has been included yet." in html


def test_conflicts_and_agreement_are_printed(plan, found, figures):
    conflict = {"record_id": "doi:10.1/x", "title": NASTY, "stage": "full-text"}
    conflict |= {"votes": "a: include; b: exclude", "reasons": "", "note": ""}
    pair = {"reviewers": ["ann", "bob"], "kappa": 0.5, "ci_low": 0.1, "ci_high": 0.9, "records": 9}
    agreed = {"full-text": {"reviewers": ["ann", "bob"], "records": 9, "pairs": [pair]}}
    agreed["title-abstract"] = {"reviewers": ["ann"], "records": 9, "because": "one voted"}
    tables = found | {"conflicts": pd.DataFrame([conflict])}
    tables["to_settle"] = to_settle.everything(tables, [], {}, {})
    html, *_ = page.render(plan, tables, FLOW, figures, agreement=agreed)
    assert "a: include; b: exclude" in html
    assert "ann and bob agreed with Cohen's κ 0.50 (95% confidence interval 0.10 to 0.90)" in whole(
        html, "methods"
    ).replace("&#39;", "'")
    assert "Agreement at title and abstract is not known: one voted." in whole(html, "methods")


def test_risk_of_bias_is_a_table_with_signs(plan, found, figures):
    head = {"study_id": "alone", "outcome": "", "tool": "ROBINS-I", "state": "one assessor"}
    rows = [
        head | {"domain": domain, "judgement": word, "light": word, "support": NASTY, "said": ""}
        for domain, word in (("D1", "serious"), ("overall", "critical"))
    ]
    judged = pd.DataFrame(rows).assign(score=None, maximum=None, assessor="")
    html, *_ = page.render(plan, found | {"risk_of_bias": judged}, FLOW, figures)
    said = whole(html, "bias")
    assert all(words in said for words in ("ROBINS-I", "− serious", "× critical"))
    assert "Risk of bias has not been recorded" not in html


def test_the_pages_colours_are_the_figures_colours(rendered):
    for name in COLOURS:
        assert len(re.findall(rf"--{name}: ", rendered[0])) >= 2, f"{name} has no dark value"
    drawn = "".join(re.findall(r"<svg.*?</svg>", rendered[0], flags=re.DOTALL))
    assert f"fill:var(--study,{COLOURS['study']})" in drawn
    assert not re.search(r"(?:fill|stroke): ?#", drawn)


def test_a_link_is_made_of_a_web_address_only():
    assert inline.link("javascript:alert(1)", "x") == "x"
    assert str(inline.link("https://a.b/?c=1&d", "<x>")) == (
        '<a href="https://a.b/?c=1&amp;d" rel="noopener noreferrer">&lt;x&gt;</a>'
    )


def test_what_waits_is_what_the_list_says_and_nothing_is_counted_beside_it(plan, found, figures):
    """The tables of the stages hold an awaiting record and a problem; the list decides."""
    nothing = found | {"to_settle": found["to_settle"].iloc[:0]}
    html, *_ = page.render(plan, nothing, FLOW, figures)
    assert "Nothing waits for people that could change a result." in whole(html, "summary")
    assert "await a decision" not in whole(html, "summary")
    assert "Nothing waits for people that could change a result." in whole(html, "to-settle")
    place = {"study_id": "fourth", "record": "", "file": "a.csv", "rows": "3, 4"}
    row = {"kind": "printed-misfit", "weight": "result", "stage": "extraction", **place}
    row |= {"what": "163 is more than 120", "cure": "look"}
    listed = found | {"to_settle": pd.DataFrame([row, row])}
    html, numbers, *_ = page.render(plan, listed, FLOW, figures)
    assert "for people to settle: 2 printed numbers that do not fit." in whole(html, "summary")
    assert "Fourth 2014a.csv, rows 3, 4163 is more than 120" in whole(html, "to-settle")
    entry = {number["id"]: number for number in numbers}["to-settle/printed-misfit/0/what/0"]
    assert (entry["value"], entry["parents"]) == (163, ["a.csv, rows 3, 4"])


def test_doubts_about_a_row_are_raised_where_its_effect_is_used(plan, found, figures):
    def rendered_with(*rows, severity="error"):
        problem = {"problem_id": "fourth/x/1", "severity": severity, "study_id": "fourth"}
        problem |= {"check": "x", "message": "does not fit", "value": "", "expected": ""}
        clashing = pd.DataFrame([problem | {"row": row} for row in rows])
        return page.render(plan, found | {"problems": clashing}, FLOW, figures)[0]

    outcomes = found["outcomes"]
    cited = outcomes["row"][outcomes["study_id"] == "fourth"].iloc[0]
    said = "raised points on Fourth 2014: see numbers that do not fit"
    assert said in whole(rendered_with(2, cited), "synthesis-os-four")
    assert said not in whole(rendered_with(2), "synthesis-os-four")
    assert said in whole(rendered_with(2, cited, severity="warning"), "synthesis-os-four")
    # A note tells of a choice; it finds no fault.
    noted = rendered_with(2, cited, severity="note")
    assert said not in whole(noted, "synthesis-os-four")
    assert f"Fourth 20142, {cited}does not fit" in whole(noted, "aside")


def test_routes_that_lead_elsewhere_are_named_once(plan, found, figures):
    routes = found["routes"]
    mine = routes[(routes["synthesis"] == "os-one") & (routes["study_id"] == "alone")].iloc[[0]]
    other = mine.assign(chosen=False, agrees=2.5, route="R", yi=3.0)
    tables = found | {"routes": pd.concat([routes, other, other], ignore_index=True)}
    html, *_ = page.render(plan, tables, FLOW, figures)
    text = whole(html, "synthesis-os-one")
    assert text.count("by route R 20.1 instead of 2.33") == 1
    assert "another way through the same report leads to a clearly different effect" in text
