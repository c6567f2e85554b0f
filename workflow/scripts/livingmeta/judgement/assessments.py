"""Risk of bias as people judged it: read, held to each tool's own words, and settled.

Tools judge a result or a study (tools.py). Two assessors of one thing are compared as two
extractors are: where they differ nothing is taken until a row of `consensus` says which it is.
"""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.errors import rows_in_words
from livingmeta.extraction import places
from livingmeta.extraction.settled import LEAVE_OUT
from livingmeta.judgement import tools
from livingmeta.judgement.tools import OVERALL, Tool
from livingmeta.spreadsheets import squeezed
from livingmeta.words import people, settling

COLUMNS = tables.columns("extraction/risk_of_bias")
CONSENSUS = people.CONSENSUS
# What stands of a judgement: it was made by one person; two or more said the same; people agreed on
# it where they had not; they have not yet; its points are the sum of those of the domains; nobody
# has made it, though domains are judged.
ALONE, AGREED, SETTLED, CONFLICT = "one assessor", "agreed", "consensus", "conflict"
SUMMED, MISSING = "summed", "missing"
# What a judgement without an outcome is of.
EVERY = "every outcome"
# What the whole is called.
WHOLE = (
    *(OVERALL, "total", "overall bias", "overall judgement", "overall risk of bias"),
    *("overall risk of bias judgement", "risk of bias"),
)


def held(
    table: pd.DataFrame,
    study_ids: Iterable[str],
    outcomes: Mapping[str, Collection[str]],
    cut_offs: Mapping[str, Mapping[str, float]] | None = None,
) -> pd.DataFrame:
    """The judgements that people brought (`table`: schema data/risk_of_bias) as
    extraction/risk_of_bias: one row a study, outcome, tool and domain, settled.

    `study_ids`, `outcomes`: as for `known`; `cut_offs`: least points for a light, by tool.
    """
    found = settled(known(table, study_ids, outcomes), cut_offs or {})
    found.attrs["notes"] = table.attrs["notes"]
    return found


def called(
    outcomes: Mapping[str, Mapping[str, Any]], syntheses: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """What a result may be judged for: outcomes, by key or label, and syntheses, as the protocol
    has them."""
    return {key: (of["label"],) for key, of in outcomes.items()} | dict.fromkeys(syntheses, ())


def known(
    table: pd.DataFrame, study_ids: Iterable[str], outcomes: Mapping[str, Collection[str]]
) -> list[dict[str, Any]]:
    """The judgements that people brought (`table`: schema data/risk_of_bias), in the names that the
    tools and the protocol know.

    `outcomes`: what a result may be judged for, outcomes and syntheses of the protocol, each with
    the names it goes by. Raises TableError with each kind of fault once, with its rows: a study,
    outcome, tool, domain or word that is not known, with the nearest that is; points where words
    belong, or too many; a judgement that stands twice.
    """
    reader = _Reader(set(study_ids), outcomes)
    records = [reader.row(record) for record in as_dicts(table)]
    faults = [*reader.faults, *_twice(records)]
    if faults:
        raise tables.TableError(places.sentences(faults))
    return records


def empty() -> pd.DataFrame:
    """The table of a review in which nobody has judged anything."""
    return tables.empty("extraction/risk_of_bias")


class _Reader:
    """Rows as people wrote them, in the names that the tools and the protocol know."""

    def __init__(self, studies: set[str], outcomes: Mapping[str, Collection[str]]) -> None:
        self.studies = studies
        self.outcomes = {squeezed(n): key for key, own in outcomes.items() for n in (key, *own)}
        self.known = tuple(outcomes)
        self.tools = tools.names(tools.every().values())
        self.faults: list[places.Faulty] = []

    def row(self, record: dict[Any, Any]) -> dict[str, Any]:
        """The row with its names as they are known; what is wrong with it goes to `faults`."""
        if record["study_id"] not in self.studies:
            near = _near(record["study_id"], {name: name for name in self.studies})
            wrong = "no study of studies.csv has this study_id" + near
            self._fault(record, "study_id", wrong)
        record = record | {"outcome": self._outcome(record)}
        name = self.tools.get(squeezed(record["tool"]))
        if name is None:
            near = _near(record["tool"], self.tools)
            said = f"no tool that is known here{near}; known: {', '.join(tools.every())}"
            self._fault(record, "tool", said)
            return record
        tool = tools.every()[name]
        if tool.judges == "study" and record["outcome"]:
            wrong = f"{name} judges a study as a whole; leave outcome empty"
            self._fault(record, "outcome", wrong)
        record |= {"tool": name, "domain": self._domain(record, tool)}
        return record | (self._points(record, tool) if tool.in_points else self._word(record, tool))

    def _fault(self, record: dict[str, Any], column: str, wrong: str) -> None:
        value = tables.text(record[column])
        said = f"'{tables.shown(value)}'" if value else "empty"
        self.faults.append(places.faulty(record, column, said, wrong, settling.RISK_OF_BIAS))

    def _outcome(self, record: dict[str, Any]) -> str:
        written = record["outcome"]
        if not written:
            return ""
        found = self.outcomes.get(squeezed(written))
        if found is None:
            near = _near(written, self.outcomes)
            wrong = f"no outcome and no synthesis of the protocol{near}"
            wrong += "" if near else f"; known: {', '.join(self.known)}"
            self._fault(record, "outcome", wrong)
        return found or written

    def _domain(self, record: dict[str, Any], tool: Tool) -> str:
        known = tools.names(tool.domains)
        whole = {squeezed(name): OVERALL for name in WHOLE}
        written = squeezed(record["domain"])
        found = tools.domain_meant(known | whole, record["domain"])
        if not found:
            own = ", ".join(f"{d.id} {d.short}" for d in tool.domains)
            near = _near(written, known | whole)
            wrong = f"no domain of {tool.name}{near}; it has {own}, and overall"
            self._fault(record, "domain", wrong)
        return found or record["domain"]

    def _word(self, record: dict[str, Any], tool: Tool) -> dict[str, Any]:
        known = tools.names(tool.judgements)
        found = known.get(squeezed(record["judgement"]))
        if pd.notna(record["score"]):
            self._fault(record, "score", f"{tool.name} gives no points; leave score empty")
        if found is None:
            near = _near(record["judgement"], known)
            own = ", ".join(one.word for one in tool.judgements)
            self._fault(record, "judgement", f"for {tool.name} it must be one of {own}{near}")
        return {"judgement": found or record["judgement"]}

    def _points(self, record: dict[str, Any], tool: Tool) -> dict[str, Any]:
        answers = {squeezed(word): word for word in tool.answers}
        said, score = record["judgement"], record["score"]
        if said and tool.answers and record["domain"] != OVERALL:
            answer = answers.get(squeezed(said))
            if answer is None:
                near = _near(said, answers)
                own = ", ".join(tool.answers)
                self._fault(record, "judgement", f"for {tool.name} it must be one of {own}{near}")
                return {}
            if pd.notna(score) and score != tool.answers[answer]:
                wrong = f"{answer} counts {tool.answers[answer]:g} in {tool.name}"
                self._fault(record, "score", wrong)
            return {"judgement": answer, "score": float(tool.answers[answer])}
        if said:
            wrong = f"{tool.name} gives points: write them into score, and leave this empty"
            self._fault(record, "judgement", wrong)
        if pd.isna(score):
            self._fault(record, "score", f"{tool.name} gives points; it is required")
            return {}
        if record["domain"] in {OVERALL, *(one.id for one in tool.domains)}:
            most = tool.most_of(record["domain"])
            if score > most or score != int(score):
                of = tool.domain(record["domain"])
                what = tool.name if of.id == OVERALL else f"{of.label} of {tool.name}"
                self._fault(record, "score", f"{what} has whole points, {most:g} at most")
        return {}


def _near(written: str, known: Mapping[str, str]) -> str:
    """`: did you mean high?` where a name is near, or holds the one meant; else nothing."""
    plain = squeezed(written)
    within = [name for name in known if len(name) > 2 and (name in plain or plain in name)]
    close = difflib.get_close_matches(plain, list(known), n=1, cutoff=0.6)
    found = close or sorted(within, key=len)[-1:] if plain else []
    return f" (did you mean {known[found[0]]}?)" if found else ""


def _twice(records: Iterable[Mapping[str, Any]]) -> Iterator[places.Faulty]:
    """Judgements that one assessor wrote down twice, whatever they say."""
    seen: dict[tuple, str] = {}
    for record in records:
        place = (*_place(record), _assessor(record))
        if place in seen:
            by = f" by {record['assessor']}" if record["assessor"] else ""
            wrong = f"{record['tool']} of {record['study_id']}{by} stands already on"
            value = f"'{record['domain']}'"
            wrong = f"{wrong} {seen[place]}; once is right"
            yield places.faulty(record, "domain", value, wrong, settling.RISK_OF_BIAS)
        seen.setdefault(place, rows_in_words([places.row_in_file(record)]))


def _place(record: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(record[name]) for name in ("study_id", "outcome", "tool", "domain"))


def _assessor(record: Mapping[str, Any]) -> str:
    return people.key(str(record["assessor"]))


def sides(
    records: Iterable[dict[str, Any]], within: Mapping[str, str]
) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """The judgements by study, outcome, tool and domain. Beside those of one result stand those of
    others for every result of the study, or for the outcome of a synthesis, with that in `wider`:
    what two people judge at two levels is compared. Who judged at both levels made an exception.

    `within`: the outcome of each synthesis.
    """
    own: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for record in records:
        own.setdefault(_place(record), []).append(record)
    found = {place: list(rows) for place, rows in own.items()}
    for (study, outcome, name, domain), rows in found.items():
        by = set(map(_assessor, rows))
        levels = dict.fromkeys([within.get(outcome, ""), ""]) if outcome else ()
        for level in () if CONSENSUS in by else levels:
            wider = own.get((study, level, name, domain), [])
            if by & (people_of := set(map(_assessor, wider)) - {CONSENSUS}):
                break
            by |= people_of
            agreed = [row for row in wider if _assessor(row) == CONSENSUS]
            more = {"outcome": outcome, "wider": level or EVERY}
            rows += [row | more for row in agreed or wider]
    return found


def settled(
    records: Iterable[dict[str, Any]],
    cut_offs: Mapping[str, Mapping[str, float]],
    until: str = LEAVE_OUT,
    within: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """One row a study, outcome, tool and domain, in the order of studies as judged and of the
    tool's domains, the whole last; `records`: rows by names that are known; `cut_offs`: least
    points for a light, by tool; `until`: whose judgement counts where two differ and nobody has
    settled it; `within`: the outcome of each synthesis."""
    groups: dict[tuple[str, str, str], dict[str, list[dict[str, Any]]]] = {}
    for (study, outcome, name, domain), rows_of in sides(records, within or {}).items():
        groups.setdefault((study, outcome, name), {})[domain] = rows_of
    found: list[dict[str, Any]] = []
    for (study, outcome, name), domains in groups.items():
        tool = tools.every()[name]
        head = {"study_id": study, "outcome": outcome, "tool": name}
        rows = {
            one.id: head | _one(tool, one.id, domains[one.id], until)
            for one in (*tool.domains, tool.domain(OVERALL))
            if one.id in domains
        }
        # What is said of every result of a study holds for this one too.
        of_every = groups.get((study, "", name), {}) if outcome else {}
        if OVERALL not in (rows.keys() | of_every.keys()):
            rows[OVERALL] = head | _whole(tool, rows)
        for row in rows.values():
            row["light"] = _light(tool, row, cut_offs.get(name, {}))
        found += rows.values()
    extra = [c for row in found for c in row if c not in COLUMNS]
    columns = list(dict.fromkeys([*COLUMNS, *extra]))
    return pd.DataFrame(found, columns=columns) if found else empty()


def _one(tool: Tool, domain: str, rows: list[dict[str, Any]], until: str) -> dict[str, Any]:
    """What stands of the judgements of one domain."""
    agreed = [row for row in rows if _assessor(row) == CONSENSUS and not row.get("wider")]
    standing = agreed or rows
    said = {_said(row) for row in standing}
    state = SETTLED if agreed else CONFLICT if len(said) > 1 else AGREED
    state = ALONE if len(rows) == 1 and not agreed else state
    until = people.key(until)
    taken = [row for row in standing if _assessor(row) == until] if state == CONFLICT else standing
    first = {k: v for k, v in (taken or rows)[0].items() if k not in _OF_ROW}
    support = dict.fromkeys(str(row["support"]) for row in standing if row["support"])
    own = first | {
        "domain": domain,
        "label": tool.domain(domain).label,
        "maximum": tool.most_of(domain) if tool.in_points else float("nan"),
        "support": "; ".join(support),
        "assessor": "; ".join(dict.fromkeys(str(r["assessor"]) for r in rows if r["assessor"])),
        "state": state,
        "rows": places.within(rows, settling.RISK_OF_BIAS),
        "said": "; ".join(f"{_said(r)} ({_by(r)})" for r in rows),
    }
    return own if taken else own | {"judgement": "", "score": float("nan")}


# What a row has of its own, and no judgement that stands.
_OF_ROW = ("row", "wider", *places.OF_FILE)


def _by(row: Mapping[str, Any]) -> str:
    wider = f", of {row['wider']}" if row.get("wider") else ""
    return (str(row["assessor"]) or "no name") + wider


def _said(row: Mapping[str, Any]) -> str:
    return str(row["judgement"]) or f"{row['score']:g}"


def _whole(tool: Tool, rows: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The overall judgement that nobody wrote down: points add up, words are for people."""
    scores = [row["score"] for row in rows.values()]
    summed = tool.in_points and len(rows) == len(tool.domains) and all(map(pd.notna, scores))
    return {
        "domain": OVERALL,
        "label": tool.domain(OVERALL).label,
        "judgement": "",
        "score": sum(scores) if summed else float("nan"),
        "maximum": tool.most if tool.in_points else float("nan"),
        "support": "",
        "assessor": "",
        "state": SUMMED if summed else MISSING,
        "rows": "",
        "said": "",
    }


def _light(tool: Tool, row: Mapping[str, Any], least: Mapping[str, float]) -> str:
    """The word that a judgement is drawn as: its own, or that of its points by the cut-offs of the
    protocol; "" where it has none."""
    if not tool.in_points:
        return str(row["judgement"])
    if row["domain"] != OVERALL or not least or pd.isna(row["score"]):
        return ""
    for word in tools.LIGHTS[:-1]:
        if word in least and row["score"] >= least[word]:
            return word
    return tools.LIGHTS[-1]
