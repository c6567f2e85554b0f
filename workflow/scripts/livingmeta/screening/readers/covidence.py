"""Decisions of Covidence, read from the lists that it exports (references, CSV).

An export holds one list, and the list is the decision: a name such as
`review_1234_excluded_csv_20240320131757.csv` tells the review, the list and the time of the export.
Who voted what is in none; what stands in a list was agreed on, so each row is one of `consensus`.
At full text the reason stands in the notes: `Exclusion reason: Wrong study design;`. Facts on the
format: file names and exports of reviews that are public; Covidence itself was not run.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.screening.decisions import CONSENSUS, STAGES
from livingmeta.screening.readers import asreview, votes

# What a list says of its records, by stage. What is still to be screened has no decision.
LISTS: dict[str, tuple[str, ...]] = {
    "screen": (),
    "irrelevant": ("exclude",),
    "select": ("include",),
    "excluded": ("include", "exclude"),
    "included": ("include", "include"),
}
# What Covidence calls a file of decisions.
NAMED = re.compile(r"review_\d+_(?:irrelevant|select|excluded|included)(?![a-z])", re.IGNORECASE)
_STAMP = re.compile(r"_(20\d{6})\d{0,6}(?!\d)")
_REASON = re.compile(r"Exclusion reason:\s*([^;\n]*)[;\s]*", re.IGNORECASE)


def decisions(
    read: pd.DataFrame,
    known: dict[str, set[str]],
    name: str,
    day: str,
    reasons: Mapping[str, str],
) -> tuple[pd.DataFrame, list[str]]:
    """A list's decisions as rows of decisions.csv (`asreview.READ`), in the order of the file, and
    in words those that are on no record or could be on several.

    `read`: an export as export.read gives it. `known`: record ids by name, as decisions.by_name
    gives them. `name`: the file's, without its ending. `day`: the date (YYYY-MM-DD) where the name
    tells none. `reasons`: the protocol's reasons by their key. Their time is the day of the export:
    of two exports the later holds, and within a day nothing tells which is the later. Raises
    VoteError for a name that tells no list.
    """
    words = re.findall("[a-z]+", name.lower())
    named = [each for each in LISTS if each in words]
    if len(named) != 1:
        raise votes.VoteError(
            f"its name tells {'two lists' if named else 'no list'} of Covidence; right would be "
            f"one of {', '.join(LISTS)} in it, such as review_1234_included_csv_20240320131757.csv"
        )
    stamp = _STAMP.search(name)
    when = _day(stamp[1]) if stamp else None
    rows, lost = [], []
    for record in as_dicts(read):
        where = f"line {record['line']}, '{record['title'][:60]}'"
        meant, why = asreview.meant(record, known)
        if not meant:
            lost.append(f"{where}: {why}")
            continue
        said = [word.strip() for word in _REASON.findall(record["note"])]
        rest = _REASON.sub("", record["note"]).strip("; ")
        for stage, decision in zip(STAGES, LISTS[named[0]], strict=False):
            reason, more = votes.because(said, stage, decision, reasons)
            note = "; ".join(filter(None, [*more, rest]))
            decided_on = when.date().isoformat() if when else day
            rows.append((*meant, stage, CONSENSUS, decision, reason, decided_on, note, when, where))
    return pd.DataFrame(rows, columns=asreview.READ, dtype=object), lost


def _day(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
