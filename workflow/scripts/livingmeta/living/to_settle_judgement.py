"""What waits for a person among the judgements: of risk of bias, and of certainty."""

from collections.abc import Callable, Iterator

from livingmeta.judgement import rob_me, tools
from livingmeta.judgement.assessments import CONFLICT, MISSING
from livingmeta.judgement.certainty import LEVELS, levels, reach
from livingmeta.judgement.facts import named
from livingmeta.judgement.tools import OVERALL
from livingmeta.living.waiting import Item, Tables, rows_of
from livingmeta.words import english, settling


def assessors_differ(found: Tables) -> Iterator[Item]:
    """Judgements of risk of bias in which assessors differ, and no row of consensus says which."""
    return _in_state(found, CONFLICT)


def without_overall(found: Tables) -> Iterator[Item]:
    """Results of which domains are judged and the whole is not."""
    return _in_state(found, MISSING)


def _in_state(found: Tables, state: str) -> Iterator[Item]:
    for row in rows_of(found["risk_of_bias"]):
        if row["state"] == state:
            facts = {name: row[name] for name in ("tool", "label", "said")}
            facts["of"] = f" of {row['outcome']}" if row["outcome"] else ""
            place = {"study_id": row["study_id"], "file": settling.RISK_OF_BIAS}
            yield Item(facts, **place, rows=row["rows"])


def milder_than_a_domain(found: Tables) -> Iterator[Item]:
    """Results whose whole is judged better than one of their domains, by a tool that has it no
    better than the worst, unless somebody says why."""
    of: dict[tuple[str, str, str], dict[str, dict]] = {}
    for row in rows_of(found["risk_of_bias"]):
        key = (row["study_id"], row["tool"], row["outcome"])
        of.setdefault(key, {})[row["domain"]] = row
    for (study, name, outcome), own in of.items():
        tool = tools.every().get(name)
        # What is said of every result of a study holds for each.
        mine = of.get((study, name, ""), {}) | own
        whole = mine.get(OVERALL)
        if not tool or tool.whole != "worst" or not whole or whole["support"]:
            continue
        worse = [r for r in mine.values() if tool.worse(r["judgement"], whole["judgement"])]
        told = whole["domain"] in own or any(r["domain"] in own for r in worse)
        if worse and told:
            said = english.listed(f"{r['label']} {r['judgement']}" for r in worse)
            facts = {"tool": name, "of": f" of {outcome}" if outcome else "", "domains": said}
            place = {"study_id": study, "file": settling.RISK_OF_BIAS}
            yield Item(facts | {"whole": whole["judgement"]}, **place, rows=whole["rows"])


def without_bias(found: Tables) -> Iterator[Item]:
    """Included studies whose risk of bias nobody has judged."""
    judged = set(found["risk_of_bias"]["study_id"])
    for row in rows_of(found["studies"]):
        if row["status"] == "included" and row["study_id"] not in judged:
            yield Item({}, study_id=row["study_id"], file=settling.RISK_OF_BIAS)


def certainty_moved(found: Tables) -> Iterator[Item]:
    """Judgements of certainty some of whose facts are others than when they were made."""
    for row in rows_of(found["to_judge"]):
        if row["judgement"] and row["moved"]:
            facts = {name: row[name] for name in ("synthesis", "domain", "judgement", "moved")}
            yield Item(facts, file=settling.CERTAINTY)


def certainty_without_facts(found: Tables) -> Iterator[Item]:
    """Syntheses of which somebody judged what has facts, and noted none of them so that it can be
    read; domains that have none (indirectness and the like) can move in nothing."""
    judged = rows_of(found["certainty"])
    noted = {(r["synthesis"], r["domain"]): named(str(r.get("facts") or "")) for r in judged}
    domains: dict[str, list[str]] = {}
    for row in rows_of(found["to_judge"]):
        name, domain = row["synthesis"], row["domain"]
        unnoted = not set(named(row["facts"])) & set(noted.get((name, domain), ()))
        if row["judgement"] and row["facts"] and unnoted:
            domains.setdefault(name, []).append(domain)
    for name, of in domains.items():
        facts = {"synthesis": name, "domains": english.listed(of)}
        yield Item(facts, file=settling.CERTAINTY)


def missing_no_longer(found: Tables) -> Iterator[Item]:
    """Rows of rob_me.csv on registered trials that are missing no longer, each trial once."""
    of: dict[str, list[str]] = {}
    for row in rows_of(found["rob_me"]):
        if row["found"] == rob_me.GONE:
            of.setdefault(row["study_id"], []).append(row["synthesis"])
    for study, names in of.items():
        facts = {"synthesis": english.listed(names)}
        yield Item(facts, study_id=study, file=settling.ROB_ME)


def certainty_of_nothing(found: Tables) -> Iterator[Item]:
    """Syntheses whose certainty was judged although no study gives anything to them."""
    given = {row["synthesis"] for name in ("to_judge", "effects") for row in rows_of(found[name])}
    given |= {row["synthesis"] for row in rows_of(found["intervals"]) if not row["reason"]}
    given |= {row["synthesis"] for row in rows_of(found["unusable"]) if row.get("empty") is True}
    for name, level in levels(found["certainty"]).items():
        if level and name not in given:
            yield Item({"synthesis": name, "level": level}, file=settling.CERTAINTY)


def certainty_unlike_domains(found: Tables) -> Iterator[Item]:
    """Syntheses whose overall certainty cannot be reached from what lowered and raised it: GRADE
    begins at high, or at low for studies that are not randomised."""
    judged = rows_of(found["certainty"])
    for name, level in levels(found["certainty"]).items():
        mine = {r["domain"]: r["judgement"] for r in judged if r["synthesis"] == name}
        low, high = reach(mine)
        if level and not low <= LEVELS.index(level) <= high:
            most, least = (LEVELS[place].replace("-", " ") for place in (high, low))
            allowed = most if most == least else f"{least} to {most}"
            facts = {"synthesis": name, "level": level.replace("-", " "), "allowed": allowed}
            yield Item(facts, file=settling.CERTAINTY)


def without_certainty(found: Tables) -> Iterator[Item]:
    """Syntheses with a result whose certainty nobody has judged."""
    judged = set(found["certainty"]["synthesis"])
    pooled = found["pooled"]
    for synthesis in dict.fromkeys(pooled["synthesis"][pooled["primary"].astype(bool)]):
        if synthesis not in judged:
            yield Item({"synthesis": synthesis}, file=settling.CERTAINTY)


FINDERS: dict[str, Callable[[Tables], Iterator[Item]]] = {
    "conflict-of-assessors": assessors_differ,
    "risk-of-bias-without-overall": without_overall,
    "risk-of-bias-milder-than-domain": milder_than_a_domain,
    "study-without-risk-of-bias": without_bias,
    "certainty-moved": certainty_moved,
    "certainty-without-facts": certainty_without_facts,
    "missing-no-longer": missing_no_longer,
    "certainty-of-nothing": certainty_of_nothing,
    "certainty-unlike-domains": certainty_unlike_domains,
    "synthesis-without-certainty": without_certainty,
}
