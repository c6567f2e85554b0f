"""A release: the state of a review at one version, as small text files that belong in git.

It holds what a later version is compared with, and the digests of what it was made from. Nothing
in it depends on the day, the machine or the folder, so the same state gives the same bytes.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.living import versions
from livingmeta.plan import Review
from livingmeta.screening.counts import Counts
from livingmeta.words.numbers import Entry

# What is told about changes since the last release is no part of a release: once it is frozen,
# that release is the last one, and the same state would have other numbers.
NOT_FROZEN = "living/"


# What a release keeps of how the review read on its day and is not compared with: once it is frozen
# the report tells of other changes, and a later program lays it out otherwise.
AS_READ = ("report.html",)


class ReleaseError(InputError):
    """A release of this version exists, and holds something else."""


def numbers(printed: Iterable[Entry]) -> pd.DataFrame:
    """The printed numbers that a release keeps (schema living/numbers); `printed`: numbers.json."""
    rows = [
        [number["id"], tables.text(number["value"]), tables.text(number["text"]), number["unit"]]
        for number in printed
        if not number["id"].startswith(NOT_FROZEN)
    ]
    return pd.DataFrame(rows, columns=["id", "value", "text", "unit"])


def manifest(review: Review, flow: Counts, frozen: dict[str, bytes], inputs: Any) -> str:
    """manifest.json: what was released, and digests of its files and of the `inputs`.

    `review`, the protocol's part of that name; `flow`, flow.json; `frozen`: content by name of the
    release's own files; `inputs`: paths of what people brought.
    """
    included = flow["included"]
    days = [d["searched_on"] for d in flow["identified"]["databases"]]
    content = {
        "version": review.version,
        **({"doi": review.doi} if review.doi else {}),
        "title": review.title,
        "searched_to": max(days, default=""),
        "records": flow["records"],
        "studies": included["studies"],
        "reports": included["reports"],
        "files": {name: versions.digest(content) for name, content in sorted(frozen.items())},
        "inputs": {
            str(path): versions.digest(Path(path).read_bytes()) for path in sorted(map(str, inputs))
        },
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def as_it_reads(folder: Path | str, frozen: dict[str, bytes]) -> dict[str, bytes]:
    """The content by name of what a release in `folder` is to hold: `frozen`, and of what it was to
    be read as the files of the finished release that stands there, which may be of before they were
    kept; where none stands, those of `frozen`."""
    folder = Path(folder)
    if not (folder / versions.MANIFEST).exists():
        return frozen
    kept = {name: folder / name for name in AS_READ}
    rest = {name: content for name, content in frozen.items() if name not in kept}
    return rest | {name: path.read_bytes() for name, path in kept.items() if path.exists()}


def freeze(folder: Path | str, frozen: dict[str, bytes], listed: str) -> bool:
    """Write a release into `folder`, the manifest `listed` last; False if it was there already.

    Raises ReleaseError, naming what differs, if the folder holds a finished release that is not
    the same to the byte; then nothing is written. An unfinished one is completed.
    """
    folder = Path(folder)
    wanted = {**frozen, versions.MANIFEST: listed.encode()}
    if (folder / versions.MANIFEST).exists():
        there = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        differing = sorted(
            name
            for name in {*wanted, *there}
            if wanted.get(name) != there.get(name) and not name.startswith(".")
        )
        if not differing:
            return False
        raise ReleaseError(
            f"{folder.as_posix()} is a release already, and the present state is not the same: "
            f"{_first(differing)}. A release is never overwritten. Raise review.version in "
            f"config/config.yaml above {folder.name}, and release that."
        )
    for name, content in wanted.items():
        tables.write_text(content.decode(), folder / name)
    return True


def _first(names: list[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more + (" differs" if len(names) == 1 else " differ")
