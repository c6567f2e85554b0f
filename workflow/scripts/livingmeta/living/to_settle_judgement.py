"""What waits for a person among the judgements: of risk of bias, and of certainty."""

from collections.abc import Iterator

from livingmeta.judgement.assessments import CONFLICT, MISSING
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
    """Syntheses of which somebody judged what has facts, and noted none of them; domains that have
    none (indirectness and the like) can move in nothing."""
    judged = rows_of(found["certainty"])
    noted = {(r["synthesis"], r["domain"]) for r in judged if str(r.get("facts") or "").strip()}
    domains: dict[str, list[str]] = {}
    for row in rows_of(found["to_judge"]):
        name, domain = row["synthesis"], row["domain"]
        if row["judgement"] and row["facts"] and (name, domain) not in noted:
            domains.setdefault(name, []).append(domain)
    for name, of in domains.items():
        facts = {"synthesis": name, "domains": english.listed(of)}
        yield Item(facts, file=settling.CERTAINTY)


def without_certainty(found: Tables) -> Iterator[Item]:
    """Syntheses with a result whose certainty nobody has judged."""
    judged = set(found["certainty"]["synthesis"])
    pooled = found["pooled"]
    for synthesis in dict.fromkeys(pooled["synthesis"][pooled["primary"].astype(bool)]):
        if synthesis not in judged:
            yield Item({"synthesis": synthesis}, file=settling.CERTAINTY)
