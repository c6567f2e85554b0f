"""`snakemake changes`: any two releases beside one another, as the page on changes has the latest.

Read from releases/ alone: no run is needed, and nothing of the present state is looked at.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livingmeta import plan, tables
from livingmeta.errors import InputError
from livingmeta.living import changes, state, versions
from livingmeta.report.page import changes as changes_page

SCHEMAS = {name: f"living/{name}" for name in (*state.TABLES, *state.OF_CURVES)}
TO = versions.BESIDE
HOW = 'Ask for them as in: snakemake changes --config between="1.0,2.0"'


class BetweenError(InputError):
    """Two releases that cannot be compared."""


def write(given: Mapping[str, Any], root: Path | str = ".") -> list[str]:
    """Compare the two releases that `between` of `given` names, the older first whatever their
    order, and write page and table; the lines to say.

    Raises BetweenError for anything else than two releases that stand in `root`.
    """
    older, newer = _two(given, versions.released(Path(root) / versions.FOLDER))
    before, after = (
        state.of_release(Path(root) / versions.FOLDER / version, SCHEMAS)
        for version in (older, newer)
    )
    found, rows = changes.since([before], after)
    review = plan.Review.of(after.protocol["review"])
    page, _ = changes_page.render(review, found, rows, after.studies, [], {})
    stem = Path(root) / TO / f"changes-{older}-{newer}"
    page += versions.seal(Path(root) / versions.FOLDER, (older, newer)) + "\n"
    tables.write_text(page, stem.with_name(f"{stem.name}.html"))
    tables.write(rows, stem.with_name(f"{stem.name}.csv"), "living/changes")
    return [found["text"], f"Written: {TO}/{stem.name}.html and .csv beside it."]


def _two(given: Mapping[str, Any], known: list[str]) -> tuple[str, str]:
    names = [name.strip() for name in str(given.get("between", "")).split(",")]
    if set(given) != {"between"} or len(names) != 2 or names[0] == names[1]:
        raise BetweenError(f"Two releases are compared, by their versions. {HOW}")
    if missing := [name for name in names if name not in known]:
        there = ", ".join(known) or "none"
        raise BetweenError(f"{versions.FOLDER} has no {' and no '.join(missing)}; it has {there}.")
    older, newer = sorted(names, key=versions.parse)
    return older, newer
