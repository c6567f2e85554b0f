"""Versions of a review and the order in which its releases were published."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from livingmeta.errors import InputError

if TYPE_CHECKING:
    from livingmeta.living.told import Changes

FOLDER = "releases"
# Where the pages stand that lay any two releases beside one another.
BESIDE = "results/living"
# Written last: a folder without it is a release that was never finished.
MANIFEST = "manifest.json"
VERSION = r"\d+(\.\d+)*"


class VersionError(InputError):
    """A version that cannot be put in order."""


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal, as manifests list it."""
    return hashlib.sha256(content).hexdigest()


def parse(version: str) -> tuple[int, ...]:
    """`"1.10"` -> (1, 10), which comes after (1, 9). Raises VersionError for anything else."""
    if not re.fullmatch(VERSION, str(version)):
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
    """The finished releases in `folder`, the oldest first; [] if there are none.

    Raises VersionError for a release in a folder that is not called as its version.
    """
    found = sorted(Path(folder).glob(f"*/{MANIFEST}"))
    for path in found:
        if not re.fullmatch(VERSION, path.parent.name):
            raise VersionError(
                f"{path.parent} holds a release, and its name is no version. Give it the name it "
                f"had: the version that stands in {MANIFEST}."
            )
    return sorted((path.parent.name for path in found), key=parse)


def must_stand(known: Collection[str], folder: Path | str = FOLDER) -> None:
    """Raise VersionError, naming each, for a release in `folder` that is gone; `known`: what an
    earlier run has read, by path. Without it the review would be told as one never released."""
    manifests = (Path(name) for name in known if Path(name).name == MANIFEST)
    read = {path for path in manifests if path.parent.parent == Path(folder)}
    gone = sorted((path.parent for path in read if not path.exists()), key=lambda p: p.name)
    if gone:
        raise VersionError(
            f"{', '.join(map(str, gone))}: gone, and an earlier run has read it: what changed "
            "since would not be told. Put it back from where it was committed or published; a "
            "release that you took back stays away once results/logs/compare.done is removed too."
        )


def made_of(folder: Path | str = FOLDER) -> set[str]:
    """What people had brought for the last release in `folder`, by path; empty without one."""
    known = released(folder)
    if not known:
        return set()
    listed = json.loads((Path(folder) / known[-1] / MANIFEST).read_text(encoding="utf-8"))
    return set(listed.get("inputs", ()))


def seal(folder: Path | str, versions: Iterable[str]) -> str:
    """What a page on releases in `folder` ends with: which manifests it was made from."""
    read = [(Path(folder) / version / MANIFEST).read_bytes() for version in versions]
    return f"<!-- releases {' '.join(map(digest, read))} -->"


def drop_stale(root: Path | str = ".") -> list[str]:
    """Remove the pages of `snakemake changes` on releases that are gone or were made anew since,
    with the tables beside them; the lines to say."""
    told = []
    for page in sorted((Path(root) / BESIDE).glob("changes-*-*.html")):
        pair = page.stem.split("-")[1:]
        try:
            current = seal(Path(root) / FOLDER, pair)
        except OSError:
            current = ""
        if not current or current not in page.read_text(encoding="utf-8"):
            for path in (page, page.with_suffix(".csv")):
                path.unlink(missing_ok=True)
            told.append(
                f"Removed: {BESIDE}/{page.name} and .csv beside it; a release that it compares was "
                f'made anew or is gone. snakemake changes --config between="{",".join(pair)}" '
                "writes it again."
            )
    return told


def must_be_as_released(folder: Path | str) -> None:
    """Raise VersionError, naming each, if files of the release in `folder` are not those that its
    manifest lists: what was frozen is compared with as it was."""
    folder = Path(folder)
    try:
        listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"].items()
    except (ValueError, KeyError, TypeError, AttributeError):
        changed = [MANIFEST]
    else:
        there = {
            path.name: digest(path.read_bytes()) for path in folder.iterdir() if path.is_file()
        }
        changed = [name for name, then in listed if there.get(name) != then]
    if changed:
        raise VersionError(
            f"{folder}: {', '.join(changed)} is not as it was released. Restore it from where "
            "the release was committed or published."
        )


def compared(changes: "Changes") -> "Changes":
    """The comparison that the pages tell of: the present state against the latest release or,
    where that is the present state to the last number, what that release itself changed."""
    return changes if changes["counts"] else changes.get("previous") or changes
