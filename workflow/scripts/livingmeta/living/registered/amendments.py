"""Why the protocol was changed after it was registered: the reasons in prose/amendments.md.

A reason stands under a heading, or behind a list mark, that is the key of the protocol which was
changed, as the report's table has it:

    ## syntheses.survival-1y.time
    Two of the first three trials report at two years only.

    - syntheses.survival-1y: asked for by a reviewer of the journal.

A key covers those below it that have no reason of their own, and a synthesis may be named by its
own name alone. Whatever else the text says is left to the report.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from livingmeta import tables
from livingmeta.living.registered import prespecified

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*$")
_MARK = re.compile(r"\s*[-*+]\s")
_ITEM = re.compile(r"\s*[-*+]\s+(.+?):(?:\s+(.*))?$")


def read(paths: Iterable[str]) -> str:
    """The text of the file, where it is brought."""
    return "\n".join(Path(path).read_text(encoding="utf-8-sig") for path in paths)


def reasons(text: str, keys: Iterable[str]) -> dict[str, str]:
    """The reason of each of the `keys` of the protocol that has one in `text`."""
    keys = list(keys)
    called = {_plain(name): name for key in keys for name in _names(key)}
    said: dict[str, list[str]] = {}
    at, listed = "", False
    for line in _COMMENT.sub("", text).splitlines():
        heading, item = _HEADING.match(line), _ITEM.match(line)
        if heading:
            at, listed = called.get(_plain(heading[1]), ""), False
        elif item and _plain(item[1]) in called:
            at, listed = called[_plain(item[1])], True
            said.setdefault(at, []).append(item[2] or "")
        elif listed and (not line.strip() or _MARK.match(line)):
            at, listed = "", False
        elif at:
            said.setdefault(at, []).append(line)
    whole = {name: " ".join(" ".join(lines).split()) for name, lines in said.items()}
    found = {}
    for key in keys:
        named = next((name for name in _names(key) if whole.get(name)), None)
        if named is not None:
            found[key] = whole[named]
    return found


def table(found: pd.DataFrame, text: str) -> pd.DataFrame:
    """The differences from the plan, each with its reason, in the columns of living/amendments;
    `found`: prespecified.csv; `text`: of the file of reasons."""
    listed = prespecified.differences(prespecified.read(found))
    why = reasons(text, [row["key"] for row in listed])
    rows = [
        row | {"syntheses": row["synthesis"], "reason": why.get(row["key"], "")} for row in listed
    ]
    return pd.DataFrame(rows, columns=tables.columns("living/amendments"), dtype=object)


def _plain(name: str) -> str:
    """A name as it counts: without marks of code or emphasis, case and doubled blanks aside."""
    return " ".join(name.strip().strip("`*_").rstrip(":").split()).casefold()


def _names(key: str) -> list[str]:
    """What a reason for a key may be called, the closest first: the key, those above it, and of a
    synthesis its own name."""
    parts = key.split(".")
    of_synthesis = parts[0] == "syntheses"
    # The name of an analysis may hold points; it counts as one part.
    parts = [*parts[:3], ".".join(parts[3:])] if of_synthesis and len(parts) > 3 else parts
    above = [".".join(parts[:n]) for n in range(len(parts), 1 if of_synthesis else 0, -1)]
    return [*above, *([parts[1]] if of_synthesis else [])]
