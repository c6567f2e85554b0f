"""What the guard rails of counts say: studies without events, and events that are rare."""

from livingmeta.words import english
from livingmeta.words.wording import Name, Parameters, Wording, number


def without_information(p: Parameters, name: Name) -> Wording:
    """Studies that say nothing about a ratio were listed and not pooled."""
    many = len(p["studies"])
    odds = p["measure"] in ("OR", "PETO")
    return Wording(
        "studies without information",
        f"in {', '.join(p['studies'])} nobody {'or everybody ' if odds else ''}in either arm had"
        " the event, which says nothing about a ratio (Handbook 10.4.4.2)",
        f"{'it is' if many == 1 else 'they are'} listed and not pooled; nothing was added to"
        f" {'its' if many == 1 else 'their'} cells",
    )


def not_estimable(p: Parameters, name: Name) -> Wording:
    """No study says anything about a ratio."""
    k = p["k"]
    odds = p["measure"] in ("OR", "PETO")
    return Wording(
        "not estimable",
        f"no study of {k} saw the event in some and not in others"
        if odds
        else f"no events in {k} {english.plural(k, 'study')}",
        "nothing was pooled: no ratio can be estimated",
    )


def rare(p: Parameters, name: Name) -> Wording:
    """Few had the event: which method `auto` takes, and why."""
    events, patients = p["events"], p["patients"]
    share = f"{100 * events / patients:.2g}%"
    ratio = p["measure"] != "RD"
    differ = p["tau2"] is not None and p["tau2"] > 0
    if not ratio:
        done = (
            "the differences of studies with zeros hang on what is added to their cells; the"
            " Mantel-Haenszel difference, to which nothing is added, stands beside the result"
        )
    elif p["result"] == "Mantel-Haenszel":
        beside = "Peto's odds ratio and the binomial-normal model" if p["measure"] == "OR" else ""
        done = (
            f"{name(p['result'])}, which adds nothing to any cell and assumes one effect in all"
            f" studies, is what `auto` takes;{f' {beside} and' if beside else ''} random effects"
            " (REML) stand beside it"
        )
    elif differ and p["measure"] == "OR":
        done = (
            f"{name(p['result'])} is what `auto` takes: it finds the studies to differ (tau²"
            f" {number(p['tau2'])}), which Mantel-Haenszel and Peto assume away; both stand beside"
        )
    elif differ:
        done = (
            "by a binomial-normal model of their odds ratios the studies differ (tau²"
            f" {number(p['tau2'])}), which Mantel-Haenszel assumes away: it stands beside"
            f" {name(p['result'])}"
        )
    else:
        done = (
            "one arm has no event in any study, so Mantel-Haenszel gives no ratio;"
            f" {name(p['result'])} is what `auto` takes"
        )
    return Wording(
        "rare events",
        f"{events:g} of {patients:g} patients ({share}) had the event, and a study has a zero",
        done,
    )
