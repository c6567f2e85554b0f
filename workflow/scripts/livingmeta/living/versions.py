"""Versions of a review and the order in which its releases were published."""

import re
from pathlib import Path

from livingmeta.errors import InputError

FOLDER = "releases"
# Written last: a folder without it is a release that was never finished.
MANIFEST = "manifest.json"


class VersionError(InputError):
    """A version that cannot be put in order."""


def parse(version: str) -> tuple[int, ...]:
    """`"1.10"` -> (1, 10), which comes after (1, 9). Raises VersionError for anything else."""
    if not re.fullmatch(r"\d+(\.\d+)*", str(version)):
        raise VersionError(
            f"config/config.yaml, review.version: '{version}'; a version is whole numbers with "
            "points between them, such as 1.0, 1.1 or 2.0, so that releases have an order."
        )
    return tuple(int(part) for part in str(version).split("."))


def must_follow(version: str, known: list[str]) -> None:
    """Raise VersionError unless `version` may be released after those `known`, the oldest first:
    a version that is out already may be asked for again, one between or before them may not."""
    parse(version)
    if known and version not in known and parse(version) < parse(known[-1]):
        raise VersionError(
            f"config/config.yaml, review.version: '{version}' comes before {known[-1]}, which is "
            f"released already. Raise it above {known[-1]}."
        )


def released(folder: Path | str = FOLDER) -> list[str]:
    """The finished releases in `folder`, the oldest first; [] if there are none."""
    folder = Path(folder)
    found = [path.parent.name for path in folder.glob(f"*/{MANIFEST}")]
    return sorted((name for name in found if re.fullmatch(r"\d+(\.\d+)*", name)), key=parse)


def compared(changes: dict) -> dict:
    """The comparison that the pages tell of: the present state against the latest release or,
    where that is the present state to the last number, what that release itself changed."""
    return changes if changes["counts"] else changes.get("previous") or changes
