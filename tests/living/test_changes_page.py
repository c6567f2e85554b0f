"""The page on changes: alone, safe, and with the numbers of the report."""

import math
import re
from html import unescape

import pytest

from livingmeta.errors import InternalError
from livingmeta.living import changes
from livingmeta.report import changes_section
from livingmeta.report.page import changes as changes_page
from livingmeta.words.numbers import Numbers, NumbersError
from states import TRIALS, make, protocol

FIRST = {name: TRIALS[name] for name in ("ahn", "bauer", "costa")}
LATER = {**FIRST, "costa": (12, 60, 41, 60), "diaz": TRIALS["diaz"]}
NASTY = "<script>alert(1)</script>"


def rendered(releases, present, printed=()):
    found, rows = changes.since(releases, present)
    asked = present.asked.review
    return changes_page.render(asked, found, rows, present.studies, list(printed), {})


@pytest.fixture(scope="module")
def update():
    asked = protocol("2.0", title=f"Fever {NASTY}", thresholds=[0.5])
    sure = (("overall", "low", ""),)
    return rendered([make(FIRST)], make(LATER, asked, judged=sure))


def words(html: str) -> str:
    body = re.sub(r"<(script|style).*?</\1>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_it_tells_in_a_minute_what_changed(update):
    told = words(update[0])
    assert "Version 2.0 compared with version 1.0" in told
    assert "onclusion" in told
    for kind in ("printed number", "study detail", "effect", "certainty judgement"):
        assert kind in told
    assert "not judged → low" in told


def test_a_corrected_cell_stands_with_its_old_and_new_value_and_its_source(update):
    assert "fever none events: value Costa 14 41 source: p. 3" in words(update[0])


def test_every_number_is_of_the_register_and_the_shares_add_up(update):
    html, printed = update
    known = {entry["id"]: entry for entry in printed}
    shown = re.findall(r'<span class="num" data-id="(.*?)">(.*?)</span>', html)
    assert len(shown) > 15
    for id_, text in shown:
        assert unescape(text).lstrip("<") == known[id_]["text"].lstrip("<")
    key = "living/fever-or"
    parts = [e["value"] for id_, e in known.items() if re.fullmatch(rf"{key}/share/\d+", id_)]
    assert len(parts) == 2
    assert abs(sum(parts) - known[f"{key}/total"]["value"]) < 1e-9
    factors = [known[f"{key}/share/{i}/printed"]["value"] for i in range(2)]
    whole = known[f"{key}/after/estimate"]["value"] / known[f"{key}/before/estimate"]["value"]
    assert math.prod(factors) == pytest.approx(whole, rel=1e-9)
    assert known[f"{key}/total/printed"]["value"] == pytest.approx(whole, rel=1e-9)
    assert "Multiplies it by" in words(html)


def test_a_new_synthesis_is_told_once_beside_its_result():
    one = protocol("1.0")
    [(name, asked)] = one["syntheses"].items()
    two = protocol("2.0")
    two["syntheses"] |= {f"{name}-too": asked | {"title": "Fever asked anew"}}
    told = words(rendered([make(TRIALS, one)], make(TRIALS, two))[0])
    assert re.search(r"Fever asked anew – [^A-Za-z]*(to [^A-Za-z]*)?New ", told), told[:1500]
    assert "this result is new" not in told


def test_the_bars_lead_from_the_result_then_to_the_result_now():
    found, _ = changes.since([make(FIRST)], make(LATER, protocol("2.0")))
    one = changes_section.section(found, Numbers())["syntheses"][0]

    def ends(bar):
        left, width = map(float, re.findall(r"[\d.]+(?=%)", bar["place"]))
        return (left, left + width) if bar["up"] else (left + width, left)

    begin = place = ends(one["parts"][0])[0]
    for bar in one["parts"]:
        assert ends(bar)[0] == pytest.approx(place, abs=0.05)
        place = ends(bar)[1]
    assert ends(one["whole"]) == pytest.approx((begin, place), abs=0.05)
    assert all(0 <= end <= 100.1 for bar in [*one["parts"], one["whole"]] for end in ends(bar))


def test_shares_that_do_not_add_up_stop_the_run():
    found, _ = changes.since([make(FIRST)], make(LATER, protocol("2.0")))
    found["syntheses"][0]["attribution"]["parts"][0]["share"] += 1e-6
    with pytest.raises(InternalError, match="shares of"):
        changes_section.section(found, Numbers())


def test_a_number_that_the_report_has_otherwise_stops_the_run():
    printed = [{"id": "living/effect", "value": 7, "text": "7", "unit": "", "parents": []}]
    with pytest.raises(NumbersError, match="living/effect"):
        rendered([make(FIRST)], make(LATER, protocol("2.0")), printed)


def test_nothing_is_let_in_and_nobody_is_asked(update):
    html = update[0]
    assert NASTY not in html
    assert "default-src 'none'" in html
    for address in re.findall(r'(?:href|src)="(.*?)"', html):
        assert re.match(r"#|https://(doi\.org|pubmed)", address), address
    ids = re.findall(r' id="(.*?)"', html)
    assert len(ids) == len(set(ids))
    wanted = set(re.findall(r'href="#(.+?)"', html))
    assert wanted <= set(ids)


def test_a_first_version_has_nothing_to_tell():
    html, _ = rendered([], make(FIRST))
    assert "no earlier release to compare with" in words(html)


def test_a_released_state_tells_what_its_release_changed():
    now = make(LATER, protocol("2.0"))
    html, _ = rendered([make(FIRST), now], make(LATER, protocol("2.1")))
    told = words(html)
    assert "Version 2.0 compared with version 1.0" in told
    assert "Version 2.0 is released, and nothing has changed since" in told
    assert "fever none events: value Costa 14 41" in told


def test_a_state_that_outgrew_its_version_is_told_to_raise_it():
    html, _ = rendered([make(FIRST)], make(LATER))
    assert "Version 1.0, changed since its release: review.version is to be raised" in words(html)


def test_nothing_has_changed_since_the_only_release():
    html, _ = rendered([make(FIRST)], make(FIRST, protocol("2.0")))
    assert "Nothing has changed since version 1.0." in words(html)
