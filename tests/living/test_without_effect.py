"""Of how many studies a result is: the report and the list of what waits count alike."""

import pandas as pd

from living.waiting_cases import whole
from livingmeta.living import to_settle
from livingmeta.living.without_effect import without_effect
from livingmeta.report import answers
from livingmeta.words import settling
from livingmeta.words.numbers import Numbers


def _of(studies, effects, unusable, included=(), *, filtered=False, waiting=0):
    """What the report says of how many studies a result is, by part, and the tables it is from."""
    rows = {
        "studies": [{"study_id": s, "status": status, "label": s} for s, status in studies],
        "effects": [{"study_id": s, "synthesis": "os"} for s in effects],
        "unusable": [{"study_id": s, "synthesis": "os", "reason": r} for s, r in unusable],
        "included": [{"record_id": f"doi:{i}", "study_id": s} for i, s in enumerate(included)],
    }
    found, numbers = whole(**rows), Numbers()
    for what, count in (("k", len(effects)), ("unusable", len(unusable))):
        numbers.add(f"os/{what}", count, "count", "studies", ["x"], what)
    of = answers._of(
        {"id": "os", "k": len(effects), "waiting": waiting}, "os", filtered, found, numbers
    )
    ids = {part: id_ for part, id_ in of.items() if part != "included"}
    said = {part: numbers.entry(id_)["value"] if id_ else 0 for part, id_ in ids.items()}
    return said, found


def test_of_how_many_studies_is_the_count_of_what_waits():
    studies = [("a", "included"), ("b", "included"), ("c", "included")]
    studies += [("d", "awaiting"), ("e", "excluded"), ("f", "not-screened")]
    unusable = [("b", "nothing printed"), ("c", f"{settling.COUNTED_WITH}a")]
    said, found = _of(studies, ["a"], unusable, ["a", "b", "c", ""])
    assert said == {"key": 4, "left": 1, "joined": 1, "unnamed": 1, "studies": 0}
    waiting = to_settle.everything(found, [], {}, {})["kind"].tolist()
    assert waiting.count("study-without-effect") == said["left"]
    assert waiting.count("report-without-study") == said["unnamed"]


def test_comparisons_of_one_trial_are_told_as_one_study():
    studies = [("a", "included"), ("b", "included"), ("c", "included")]
    said, found = _of(studies, ["a", "b"], [("c", "no")], ["a b", "c", ""])
    assert said == {"key": 4, "left": 1, "joined": 0, "unnamed": 1, "studies": 0}
    found["studies"] = found["studies"].assign(trial=["T", "T", ""])
    numbers = Numbers()
    assert answers._of_trials("os", 4, 1, found, numbers) == "os/studies"
    assert numbers.entry("os/studies")["value"] == 3


def test_a_study_that_gives_an_effect_elsewhere_is_missing_only_here():
    said, found = _of([("a", "included"), ("b", "included")], ["a"], [("b", "no")], ["a", "b"])
    elsewhere = found["effects"].assign(study_id="b", synthesis="pfs")
    found["effects"] = pd.concat([found["effects"], elsewhere], ignore_index=True)
    assert said == {"key": 2, "left": 1, "joined": 0, "unnamed": 0, "studies": 0}
    assert (without_effect(found, "os"), without_effect(found)) == (["b"], [])


def test_a_synthesis_that_asks_for_some_studies_counts_those_alone():
    studies = [("a", "included"), ("b", "awaiting"), ("c", "included")]
    said, _ = _of(studies, ["a"], [("b", "no")], ["a", ""], filtered=True, waiting=1)
    assert said == {"key": 2, "left": 1, "joined": 0, "unnamed": 0, "studies": 0}
