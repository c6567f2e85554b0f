"""What each guard rail says: its code and parameters (pooling/decisions.csv) in English.

Codes are those of `rule` in the schema pooling/decisions. Models are named by their codes
(`REML hksj-guarded`), or spelt out for a page.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from livingmeta.words import english, models, numbers, rails_of_counts
from livingmeta.words.wording import Name, Parameters, Wording, number

FEW_LEFT = "few-left"  # a rail that pooling and the report both name


# Why so few studies allow no such analysis, by the codes of pooling/guards.py.
REASONS = {
    "one-study": "one study is no synthesis",
    "two-no-prediction": "two studies cannot tell how far a further study would differ",
    "two-no-subgroups": "two studies cannot be divided",
    "under-five": "leave-one-out needs 5 studies",
    "under-ten": "fewer than 10 studies: an uneven funnel could not be told from chance",
    "ten-a-moderator": "meta-regression needs 10 studies for each moderator",
}
# What may be flagged of a report, in words.
FLAGS = {
    "retracted": "retracted",
    "withdrawn": "withdrawn",
    "concern": "under an expression of concern",
}
_FEW = "with so few studies the heterogeneity is hardly known"


def phrase(rule: str, parameters: Parameters, spelt: bool = False) -> Wording:
    """The words of one guard rail; `spelt`: for a page, with models and τ² spelt out.

    Raises KeyError for a code or a parameter that is not known.
    """
    if not spelt:
        return _WORDS[rule](parameters, str)
    found = _WORDS[rule](parameters, models.of_code)
    return Wording(*(part.replace("tau²", "τ²") for part in found))


def codes() -> list[str]:
    """Every code that has a wording."""
    return list(_WORDS)


def of_row(row: Mapping[Any, Any], spelt: bool = False) -> Wording:
    """The words of a row of pooling/decisions.csv, or of a release that holds sentences."""
    if row.get("parameters"):
        return phrase(row["rule"], json.loads(row["parameters"]), spelt)
    return Wording(row["rule"], row["because"], row["done"])


def _fixed(rule: str, because: str, done: str) -> Callable[[Parameters, Name], Wording]:
    """A rail whose words hang on no parameter."""
    return lambda p, name: Wording(rule, because, done)


def _not_pooled(p: Parameters, name: Name) -> Wording:
    because = "the protocol asks for a narrative synthesis"
    if p["why"] != "protocol":
        given = ", ".join(f"{measure} from {k}" for measure, k in p["given"])
        because = (
            f"the effects are not all of the measure asked for, {p['measure']}: {given};"
            " effects on different scales have no average"
        )
    return Wording(
        "not pooled",
        because,
        "nothing was pooled: the effects are told by their direction (SWiM), with no diamond",
    )


def _pinned(p: Parameters, name: Name) -> Wording:
    pinned, automatic, k = name(p["pinned"]), name(p["automatic"]), p["k"]
    return Wording(
        "model pinned by the protocol",
        f"the protocol names {pinned}; for {k} {'study' if k == 1 else 'studies'} the guard rail is"
        f" {automatic}",
        f"{pinned} is the result, as pinned; {automatic} stands beside it",
    )


def _no_heterogeneity(p: Parameters, name: Name) -> Wording:
    return Wording(
        "no heterogeneity seen",
        "tau² is estimated as 0, where the Hartung-Knapp interval can be too narrow or,"
        " guarded, needlessly wide",
        f"{name(p['result'])} is the result; the guarded interval stands beside it",
    )


def _limits_crossed(p: Parameters, name: Name) -> Wording:
    low, middle, high = (number(p[part]) for part in ("ci_low", "estimate", "ci_high"))
    why = f"the interval {low} to {high} misses its estimate {middle}"
    if (
        None not in (p["ci_low"], p["estimate"], p["ci_high"])
        and p["ci_low"] <= p["estimate"] <= p["ci_high"]
    ):
        why = "a limit of prediction is too large to be a number"
    return Wording(
        "limits crossed",
        f"back-transformed, {why}",
        "the values on the display scale are left empty",
    )


def _not_reported(p: Parameters, name: Name) -> Wording:
    lost = p["studies"]
    return Wording(
        f"{p['column']} not reported",
        f"{', '.join(lost)} {'does' if len(lost) == 1 else 'do'} not say",
        f"left out of the analysis by {p['column']}",
    )


def _few_in_subgroups(p: Parameters, name: Name) -> Wording:
    small = ", ".join(f"{group} ({k})" for group, k in p["subgroups"])
    return Wording(
        f"subgroups by {p['column']}: few studies",
        f"one or two studies only: {small}",
        "one study is shown as it stands, two as a description",
    )


def _regression_held_back(p: Parameters, name: Name) -> Wording:
    k = p["k"]
    return Wording(
        f"meta-regression on {p['column']} held back",
        f"{p['needed']} studies that say what it is are needed, ten for each coefficient;"
        f" there {'is' if k == 1 else 'are'} {k}",
        "not done",
    )


def _survival_rises(p: Parameters, name: Name) -> Wording:
    first, last = (numbers.show(p[f"{end}_time"], "time-point") for end in ("before", "after"))
    return Wording(
        "survival rises with time",
        f"pooled survival rises from {p['before']:.3f} at {first} to"
        f" {p['after']:.3f} at {last}, which survival cannot do: {p['before_k']} and"
        f" {p['after_k']} studies stand behind these points, {p['both_k']} of them behind both",
        "both are shown as pooled; the later one is to be read as of other studies, not as"
        " a course of time",
    )


def _few_left(p: Parameters, name: Name) -> Wording:
    k, time = p["k"], numbers.show(p["time"], "time-point")
    time += f" (written {p['written']})" if p.get("written") else ""
    return Wording(
        "few studies are left",
        f"from {time} on {k} of {p['of']} {english.plural(p['of'], 'study')}"
        f" {'gives' if k == 1 else 'give'} the interval, fewer than 3 or than half",
        "the curve goes on to the end of what is printed; from there it is of those few",
    )


def _derived(p: Parameters, name: Name) -> Wording:
    many, k = len(p["studies"]), p["k"]
    return Wording(
        "effects derived from other numbers",
        f"{many} of {k} {english.plural(k, 'effect')} {'rests' if many == 1 else 'rest'}"
        " on a mean, an SD or a survival that is not printed but derived"
        f" ({', '.join(p['studies'])})",
        "the result without them stands beside it" if many < k else "no other effect is there",
    )


def _mixed(p: Parameters, name: Name) -> Wording:
    many = {part: len(p[part]) for part in ("adjusted", "crude")}
    effects = english.plural(many["crude"], "effect")
    return Wording(
        "adjusted and crude effects in one pool",
        f"{many['adjusted']} adjusted ({', '.join(p['adjusted'])}) and {many['crude']} crude"
        f" {effects} ({', '.join(p['crude'])}) of studies that were not randomised",
        "the result of each stands beside that of all; include: {adjusted: [...]} takes some alone",
    )


def _flagged(p: Parameters, name: Name) -> Wording:
    many, k = len(p["studies"]), p["k"]
    said = ", ".join(f"{study} ({flags_said(flags)})" for study, flags in p["studies"].items())
    beside = f"the result without {'it' if many == 1 else 'them'} stands beside it"
    return Wording(
        "a report was retracted or doubted",
        f"{many} of {k} {english.plural(k, 'study')}: {said}",
        f"nothing leaves the result by itself; {beside if many < k else 'no other study is there'}",
    )


def flags_said(flags: str) -> str:
    """Flags of a study's reports, separated by blanks, in words."""
    return english.listed(FLAGS[flag] for flag in flags.split())


def _in_common(p: Parameters, name: Name) -> Wording:
    pairs = "; ".join(" and ".join(pair) for pair in p["pairs"])
    counted = ""
    if "most" in p:
        counted = f". They are between {p['least']:g} and {p['most']:g} different patients"
    return Wording(
        "patients who may count twice",
        f"studies that may have patients in common: {pairs}{counted}",
        f"all count in the result; beside it stands that of the {p['k'] - len(p['out'])} studies"
        " which have no patient in common and together most patients, without"
        f" {english.listed(p['out'])}",
    )


def _changes_and_finals(p: Parameters, name: Name) -> Wording:
    one, other = (f"{len(p[x])} {{}} ({', '.join(p[x])})" for x in ("changes", "finals"))
    if p.get("measure", "SMD") != "SMD":
        return Wording(
            "changes and final values in one pool",
            f"{one.format('of changes')} and {other.format('of final values')}, which have no"
            " average in common",
            "they are pooled as they are: keep one kind (include, by a column of studies.csv), or"
            " compare arms by MD",
        )
    return Wording(
        "changes and final values in one pool of standardised differences",
        f"{one.format('in SDs of changes')} and {other.format('in SDs of final values')}, which are"
        " other units (Cochrane Handbook 10.5.2)",
        "they are pooled as they are: measure MD, or routes: [D5] where a correlation is known,"
        " makes them alike",
    )


def _several(p: Parameters, name: Name) -> Wording:
    many, k, of = p["effects"], p["studies"], p["of"]
    give = "gives" if len(of) == 1 else "give"
    between, within = (f"{p[part]:.4g}" for part in ("between", "within"))
    shares = f"{p['i2_between']:.0f}% and {p['i2_within']:.0f}%"
    model = (
        f"each is an effect of its own in a multilevel model: tau² is {between} between studies"
        f" plus {within} between the effects of one study ({shares} of all variance, sampling"
        " errors included), and sampling errors are taken as independent; the same model with"
        " standard errors robust to their dependence (CR2) stands beside it"
    )
    if p["method"] != "multilevel":
        model = (
            f"each is an effect of its own in a random-effects model (tau² {within} of all"
            " effects), with standard errors robust to the dependence of effects of one study"
            " (CR2); the multilevel model stands beside it"
        )
    return Wording(
        "several effects of one study",
        f"the protocol asks for a {p['method']} model, and {', '.join(of)} {give} several effects:"
        f" {many} effects of {k} studies in all",
        f"{model}. The effects of one study alone, as in a subgroup, are averaged by the inverse"
        " of their variances. What takes one effect a study is left out: other models,"
        " meta-regression, tests for small-study effects, all subsets, the required information"
        " size and the data package for RevMan",
    )


def _common_tau2(p: Parameters, name: Name) -> Wording:
    small = ", ".join(f"{group} ({k})" for group, k in p["subgroups"])
    return Wording(
        f"subgroups by {p['column']}: one tau² for all",
        f"too few studies for a tau² of their own, fewer than {p['least']}: {small}"
        if small
        else "studies have effects in more than one of them",
        "one model for all subgroups, with a tau² in common (Borenstein 2009, chapter 19); a study"
        " alone is shown as it stands",
    )


def _opposite(p: Parameters, name: Name) -> Wording:
    what = "their average is the result, as pinned, and describes neither"
    if not p["pinned"]:
        what = "no average is given as the result, since it would describe neither; the models of"
        what += " both together stand in the tables"
    chance = numbers.with_sign("p", numbers.show(p["p"], "p"))
    return Wording(
        "two studies that contradict one another",
        "the intervals of the two studies exclude each other"
        f" (I² {p['i2']:.1f}%, Q {number(p['q'])} on 1 degree of freedom, {chance})",
        f"{what} (Handbook 10.10.3)",
    )


_WORDS: dict[str, Callable[[Parameters, Name], Wording]] = {
    "no-study": _fixed("no study", "no study gives a usable effect", "nothing was pooled"),
    "not-pooled": _not_pooled,
    "no-column-for-groups": lambda p, name: Wording(
        f"groups by {p['column']}", f"no study has the column {p['column']}", "not done"
    ),
    "one-study": _fixed(
        "one study",
        "only one study gives this effect",
        "the study is shown as it stands; nothing was pooled",
    ),
    "two-studies": _fixed(
        "two studies",
        "two studies cannot tell how far the effects of studies differ",
        "the common-effect result is given as a description of these two studies, not as an"
        " estimate for others; random-effects and Bayesian results stand beside it",
    ),
    "three-or-four-studies": _fixed(
        "three or four studies",
        _FEW,
        "the Hartung-Knapp interval, never narrower than the ordinary one, where the studies"
        " differ by more than chance (tau² above 0), else the ordinary interval; the prediction"
        " interval belongs in a supplement, and is to be read with caution",
    ),
    "five-to-nine-studies": _fixed(
        "five to nine studies",
        "funnel tests and meta-regression mislead with fewer than 10 studies",
        "pooled with the guarded Hartung-Knapp interval; tests for small-study effects left out",
    ),
    "model-pinned": _pinned,
    "no-heterogeneity": _no_heterogeneity,
    "bias-tests-held-back": lambda p, name: Wording(
        "bias tests held back", REASONS[p["reason"]], "no test was made"
    ),
    "bias-method-shown": lambda p, name: Wording(
        "bias tests held back", REASONS[p["reason"]], "shown, since the protocol asks for it"
    ),
    "prediction-held-back": lambda p, name: Wording(
        "prediction interval held back", REASONS[p["reason"]], "left empty"
    ),
    "prediction-in-appendix": _fixed(
        "prediction interval in a supplement",
        _FEW,
        "given in a supplement, to be read with caution",
    ),
    "derived-effects": _derived,
    "adjusted-and-crude": _mixed,
    "flagged-report": _flagged,
    "patients-in-common": _in_common,
    "changes-and-finals": _changes_and_finals,
    "none-left": lambda p, name: Wording(
        f"the result {p['analysis']}", "no effect would be left", "not done"
    ),
    "nothing-left-out": lambda p, name: Wording(
        f"the result {p['analysis']}",
        f"no study of it has {' or '.join(p['values'])} in the column {p['column']}, which has "
        f"{', '.join(p['has']) or 'nothing'}",
        "not done",
    ),
    "method-not-done": lambda p, name: Wording(p["method"], p["error"], "not done"),
    "bias-test-not-made": lambda p, name: Wording(p["test"], p["error"], "no test made"),
    "limits-crossed": _limits_crossed,
    "not-reported": _not_reported,
    "no-column-for-subgroups": lambda p, name: Wording(
        f"subgroups by {p['column']}", f"no study has the column {p['column']}", "not done"
    ),
    "no-column-for-regression": lambda p, name: Wording(
        f"meta-regression on {p['column']}", f"no study has the column {p['column']}", "not done"
    ),
    "subgroups-held-back": lambda p, name: Wording(
        f"subgroups by {p['column']} held back", REASONS[p["reason"]], "not done"
    ),
    "few-in-subgroups": _few_in_subgroups,
    "subgroup-test-not-made": lambda p, name: Wording(
        f"subgroups by {p['column']}, {p['tau2']} tau²", p["error"], "no test made"
    ),
    "regression-held-back": _regression_held_back,
    "regression-not-done": lambda p, name: Wording(
        f"meta-regression on {p['column']}", p["error"], "not done"
    ),
    "survival-rises": _survival_rises,
    FEW_LEFT: _few_left,
    "without-information": rails_of_counts.without_information,
    "not-estimable": rails_of_counts.not_estimable,
    "no-null": lambda p, name: Wording(
        "no tests for small-study effects",
        f"{p['measure']} has no value of no effect that studies could have been published against",
        "no such test, no fail-safe number and no selection model",
    ),
    "rare-events": rails_of_counts.rare,
    "pinned-not-done": lambda p, name: Wording(
        f"{name(p['method'])} as the result",
        p["error"],
        f"{name(p['result'])} is the result instead",
    ),
    "common-tau2": _common_tau2,
    "opposite-studies": _opposite,
    "several-effects": _several,
    "several-of-one-study": lambda p, name: Wording(
        "several effects of one study",
        f"only one study gives this effect, and it gives {p['effects']}",
        "their average by the inverse of their variances is shown, as if their errors were"
        " independent",
    ),
    "no-several-effects": lambda p, name: Wording(
        "no study with several effects",
        f"the protocol asks for a {p['method']} model, and every study gives one effect",
        "pooled by the ordinary model",
    ),
}
