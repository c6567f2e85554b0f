"""The screening page: one file, opened in any browser without a network, that asks for votes.

It holds the records still open and no person's vote on what is open: only which records a reviewer
has voted on, so that nobody is asked twice, and at full text what was voted on title and abstract.
What a machine said is held too, and shown on a record once whoever reads has decided on it. Votes
stay in the browser until they are downloaded in the format of decisions.csv.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jinja2 import Template
from markupsafe import Markup

from livingmeta.as_dicts import as_dicts
from livingmeta.plan import Review, Screening
from livingmeta.screening import abstracts, assignment, terms
from livingmeta.screening.decisions import STAGES, person
from livingmeta.screening.stopping import Statement
from livingmeta.words.templates import environment

MOST = 6000  # records of a stage on the page; a browser opens that many at once
# What the page holds of each record, in the order in which it is packed.
FIELDS = [
    "record_id", "stage", "title", "authors", "year", "journal", "type", "flag", "abstract",
    "url", "words", "readers", "round", "identifiers",
]  # fmt: skip


def render(
    queue: pd.DataFrame,
    records: pd.DataFrame,
    votes: pd.DataFrame,
    *,
    review: Review,
    screening: Screening,
    statement: Statement,
    machines: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None,
    held: Mapping[str, list[str]] | None = None,
) -> str:
    """The page as HTML.

    `queue`: `record_id, stage, state, words` and, if assigned, `readers, round`, in the order of
    reading; `state` is `unsure` where
    all votes are in and call for another look, whoever voted before. `records`: the columns of
    records.csv. `votes`: `record_id, stage, reviewer`, of all records. `review`, `screening`:
    those parts of the protocol. `statement`: as stopping.statement gives it. `machines`: what each
    machine said, by stage, record and machine. `held`: by record the files that hold its full text,
    from the review's folder. Nothing of `votes` but who and where enters the page, save for records
    at full text what was voted on their title and abstract, `decision, reason, note, labels`; all
    text is escaped. Of a long queue the page holds what `first` gives, and tells what more waits.
    """
    more = Counter(queue["stage"])
    queue = first(queue, votes, assignment.people(screening.assign))
    more -= Counter(queue["stage"])
    beyond = {stage: more[stage] for stage in STAGES if more[stage]}
    content = {
        "review": key(review.title),
        "page": key(" ".join(queue["stage"] + queue["record_id"])),
        "fields": FIELDS,
        "records": _packed(queue, records),
        "beyond": beyond,
        "again": queue.loc[queue["state"] == "unsure", "record_id"].tolist(),
        "voted": _voted(votes),
        "screened": _screened(queue, votes),
        "machines": _said(queue, machines or {}),
        "held": _held(queue, held or {}),
        "team": assignment.people(screening.assign),
        "reasons": screening.reasons,
        "marks": terms.marks(review, screening),
        "letters": terms.LETTERS,
    }
    return template("screen.html.jinja").render(
        title=review.title,
        criteria=screening.criteria,
        statement=statement,
        beyond=beyond,
        content_machines=bool(content["machines"]),
        content=script_safe(content),
    )


def first(queue: pd.DataFrame, votes: pd.DataFrame, team: Sequence[str] = ()) -> pd.DataFrame:
    """What the page holds of a queue: at each stage all, or the first `MOST` records.

    A record stands as far in front as it does for whoever has least to read before it: for a
    newcomer, who has all to read, or for a reviewer who has voted on those before it. So whoever
    has read all that is here finds more after the next run, though the others have not read as
    far. `queue` and `votes` as for `render`; whoever is of the `team` reads what falls to them.
    """
    kept = []
    for stage, waiting in queue.groupby("stage", sort=False):
        if len(waiting) > MOST:
            place = np.arange(1, len(waiting) + 1)
            cast = votes[votes["stage"] == stage]
            own = {person(str(who)): ids for who, ids in cast.groupby("reviewer")["record_id"]}
            falls = {
                who: waiting["readers"].map(
                    lambda names, who=who: who in map(person, names.split("; "))
                )
                for who in map(person, team)
            }
            again = waiting["state"] == "unsure"
            for who in {*own, *falls}:
                open_ = again | ~waiting["record_id"].isin(own.get(who, []))
                to_read = (open_ & falls.get(who, True)).to_numpy()
                place = np.where(to_read, np.minimum(place, to_read.cumsum()), place)
            waiting = waiting.iloc[np.sort(np.argsort(place, kind="stable")[:MOST])]
        kept.append(waiting)
    return pd.concat(kept) if kept else queue


def template(name: str) -> Template:
    """A page's template of this name; whatever it is given is escaped."""
    return environment().get_template(name)


def key(title: str) -> str:
    """What the browser files this review's votes under: two reviews never share them."""
    return hashlib.sha256(title.encode("utf-8")).hexdigest()[:12]


def _packed(queue: pd.DataFrame, records: pd.DataFrame) -> list[list[str]]:
    """One list a record, in the order of `FIELDS`; identifiers without those made of titles."""
    own = ["stage", "words", "readers", "round"]
    rows = queue.reindex(columns=["record_id", *own], fill_value="").merge(
        records.drop(columns=own, errors="ignore"),
        on="record_id",
        how="left",
        validate="many_to_one",
    )
    if "abstract" in rows:
        rows["abstract"] = rows["abstract"].fillna("").map(abstracts.paragraphs)
    packed = rows[FIELDS].fillna("").astype(str).to_numpy(dtype=object).tolist()
    for row in packed:
        row[-1] = " ".join(n for n in row[-1].split() if not n.startswith("title:"))
    return packed


def _voted(votes: pd.DataFrame) -> dict[str, dict[str, list[str]]]:
    """By reviewer and stage the records voted on, sorted."""
    out: dict[str, dict[str, list[str]]] = {}
    for (reviewer, stage), cast in votes.groupby(["reviewer", "stage"], sort=True):
        out.setdefault(str(reviewer), {})[str(stage)] = sorted(cast["record_id"])
    return out


def _screened(queue: pd.DataFrame, votes: pd.DataFrame) -> dict[str, list[list[str]]]:
    """Of the records at full text the votes on title and abstract, where all have voted:
    reviewer, decision, reason, note, labels."""
    first, second = STAGES
    waiting = set(queue.loc[queue["stage"] == second, "record_id"])
    cast = votes[(votes["stage"] == first) & votes["record_id"].isin(waiting)]
    told = ["reviewer", "decision", "reason", "note"]
    out: dict[str, list[list[str]]] = {}
    columns = ["record_id", *told, "labels"]
    for row in as_dicts(cast.reindex(columns=columns, fill_value="")):
        labels = [row["labels"]] if row["labels"] else []
        out.setdefault(row["record_id"], []).append([*(row[name] for name in told), *labels])
    return {record: sorted(rows) for record, rows in sorted(out.items())}


def _said(
    queue: pd.DataFrame, machines: Mapping[str, Mapping[str, Mapping[str, str]]]
) -> dict[str, dict[str, list[list[str]]]]:
    """By stage and record of the page each machine with its vote."""
    out: dict[str, dict[str, list[list[str]]]] = {}
    for stage, record in zip(queue["stage"], queue["record_id"], strict=True):
        if said := machines.get(stage, {}).get(record):
            out.setdefault(stage, {})[record] = [list(pair) for pair in sorted(said.items())]
    return out


def _held(queue: pd.DataFrame, held: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Of the records at full text the files that hold them, as this page's folder reaches them."""
    waiting = queue.loc[queue["stage"] == STAGES[1], "record_id"]
    return {r: [f"../../{path}" for path in held[r]] for r in waiting if r in held}


def script_safe(content: dict) -> Markup:
    """JSON that no record can break out of, wherever in a page it stands."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)
