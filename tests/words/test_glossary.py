"""What a word means is said once, where it is first used."""

from livingmeta.words import measures
from livingmeta.words.glossary import TERMS, FirstUse
from made_up_document import parts


def test_a_term_is_explained_on_its_first_use_only():
    explain = FirstUse()
    assert explain("tau2") == TERMS["tau2"]
    assert explain("tau2") == ""
    assert explain("rail") == TERMS["rail"]


def test_the_report_explains_each_term_once_after_its_first_use():
    page = parts()["page"]
    for term in ("tau2", "prediction", "rail"):
        assert page.count(TERMS[term]) == 1, term
    assert page.index("is τ²") < page.index(TERMS["tau2"])


def test_only_the_scales_used_are_named():
    scales = measures.SCALES
    assert measures.analysis_scales([scales["OR"], scales["RR"], scales["PLO"]]) == [
        "logarithms of ratios",
        "logits of proportions",
    ]
    assert measures.analysis_scales([scales["MD"]]) == []
