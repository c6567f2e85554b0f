"""The ids under which numbers.json keeps numbers: one function for each kind of row.

An id is a path of plain names, `<synthesis>/study/<study>/estimate`; the functions here give its
beginning, and the one who registers a number adds the last part.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from livingmeta.analyses import slug

TEST = ("test", "analysis", "moderator", "term")  # what a test is named by


def model(row: dict) -> str:
    """Of a row of pooled.csv."""
    subgroup = str(row.get("subgroup") or "")
    ending = f"/{subgroup}" if subgroup else ""
    return f"{row['synthesis']}/{slug(row['model'])}{ending}"


def own(row: Mapping[Any, Any]) -> str:
    """What a row of effects.csv or used.csv is of: the study, or one of its several effects."""
    name = row.get("effect_name")
    return f"{row['study_id']}/{name}" if name and name == name else row["study_id"]


def study(synthesis: str, own: str) -> str:
    """Of a study's effect in a synthesis, or of one of several (`own`)."""
    return f"{synthesis}/study/{own}"


def effects(synthesis: str, owns: Iterable[str]) -> list[str]:
    """Whole ids of the effects of some studies."""
    return [f"{study(synthesis, own)}/estimate" for own in owns]


def narrative(row: dict) -> str:
    """Of a row of narrative.csv."""
    return f"{row['synthesis']}/told" + (f"/{row['group']}" if "=" in row["group"] else "")


def without(row: dict) -> str:
    """Of a row of influence.csv."""
    return f"{row['synthesis']}/without/{row['left_out']}"


def until(row: dict, i: int) -> str:
    """Of a row of cumulative.csv, the synthesis' row number `i`."""
    return f"{row['synthesis']}/until/{i}"


def history(row: dict) -> str:
    """Of a row of living/cumulative.csv."""
    return f"living/{row['synthesis']}/history/{row['along']}/{row['step']}"


def published(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Of the results of an earlier review, each a synthesis and a label: by the synthesis that
    stands beside it, and by its label too where it is not the only one; by its place besides where
    labels are one as ids."""
    rows = list(rows)
    of = Counter(synthesis for synthesis, _ in rows)
    names = [f"{key}/{slug(label)}" if of[key] > 1 else key for key, label in rows]
    return [f"published/{name}" for name in _told_apart(names)]


def tests(what: str, rows: Iterable[Mapping[Any, Any]]) -> list[str]:
    """Of rows of small_study.csv or moderators.csv, `what` being `small-study` or `moderators`: by
    what is tested, so that each keeps its ids whatever is tested besides; by its place too where
    two are one as ids."""
    names = [
        "/".join([row["synthesis"], what, *(slug(row[part]) for part in TEST if row.get(part))])
        for row in rows
    ]
    return _told_apart(names)


def _told_apart(names: list[str]) -> list[str]:
    """The names, with its place behind each that is not the only one."""
    many = Counter(names)
    return [f"{name}/{i}" if many[name] > 1 else name for i, name in enumerate(names)]


def printed(row: int) -> str:
    """Of a row of outcomes.csv, by its number."""
    return f"printed/{row}"


def curve(row: dict) -> str:
    """Of a row of curves.csv."""
    return f"curves/{row['study_id']}.{row['arm']}.{row['outcome']}"


def problem(study_id: str, check: str, number: int) -> str:
    """Of what a check of extraction raised on a study, the `number`-th that it raised there."""
    return f"{study_id}/{slug(check)}/{number}"


def course(synthesis: str, position: int) -> str:
    """Of a time of a pooled survival curve, by its place: `<...>/estimate`, `/ci`, `/k` ..."""
    return f"course/{synthesis}/{position}"


def risk(synthesis: str, share: Any) -> str:
    """Of a share of weight by risk of bias (judgement/weighted.Share)."""
    return f"{synthesis}/risk/{slug(share.tool)}/{slug(share.domain)}/{slug(share.word)}"
