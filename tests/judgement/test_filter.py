"""Risk of bias in the protocol: filters, subgroups and analyses without some judgements."""

import pandas as pd
import pytest

from livingmeta import analyses, plan
from livingmeta.extraction import filters
from livingmeta.judgement import risk_of_bias
from livingmeta.pooling import synthesis

STUDIES = pd.DataFrame({"study_id": ["a", "b", "c", "d"], "status": "included"})
WORDS = {"a": "low", "b": "high", "c": "some concerns", "d": ""}
LOW = {"risk_of_bias": {"overall": ["low", "some concerns"]}}


def asked(**more):
    given = {"outcome": "fever", "measure": "OR", "other_measures": [], "narrative": False}
    given |= {"include": {}, "model": {"tau2": "FE"}, "sensitivity": [], "subgroups": []}
    given |= {"moderators": [], "several": "settle", "level": 0.95, "rules": "standard"}
    given |= {"zeros": {"add": 0.5, "to": "only0", "drop_double": True}, "subgroup_labels": {}}
    return plan.Synthesis.of(given | more)


def test_a_filter_takes_the_judgements_named_and_tells_what_it_keeps_out():
    include = asked(include=LOW).include
    taken = filters.select(STUDIES, include, "os", WORDS)
    assert taken == ["a", "c"]
    out = dict(filters.set_aside(STUDIES, include, taken, WORDS))
    assert out["b"] == "its risk of bias is high; the synthesis takes low and some concerns"
    assert out["d"].startswith("no settled judgement of its risk of bias;")
    assert filters.set_aside(STUDIES, {}, ["a", "b", "c", "d"], WORDS) == []


def test_a_filter_without_any_judgement_is_told():
    with pytest.raises(filters.FilterError, match="judges none of its results"):
        filters.select(STUDIES, asked(include=LOW).include, "os", {})


def test_the_result_without_some_judgements_is_that_of_the_others():
    effects = pd.DataFrame(
        {"synthesis": "os", "study_id": list("abcd"), "measure": "OR", "yi": [0.1, 0.9, 0.4, 0.2]}
    ).assign(vi=[0.1, 0.2, 0.1, 0.3], n=50)
    judged = pd.DataFrame(
        [{"study_id": s, "outcome": "fever", "light": w} for s, w in WORDS.items()]
    ).assign(tool="RoB 2", domain="overall", judgement="", state="agreed")
    given = {"leave_out": {"risk_of_bias": {"overall": ["high"]}}}
    one = asked(sensitivity=[given], subgroups=["risk_of_bias"])
    assert analyses.of(given).name == "without risk of bias high"
    beside = risk_of_bias.beside(effects, judged, {"os": one})
    assert list(beside["risk_of_bias"]) == list(WORDS.values())
    whole = synthesis.pool(beside, "os", one)["pooled"].set_index("model")["estimate"]
    alone = synthesis.pool(effects[effects["study_id"] != "b"], "os", asked())["pooled"]
    left = whole["FE wald without risk of bias high"]
    assert left == pytest.approx(alone["estimate"][0], abs=1e-12)
    assert left != pytest.approx(whole["FE wald"])
