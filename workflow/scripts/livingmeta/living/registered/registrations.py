"""Registrations: the protocol as it stood on a day, frozen in files of the review.

Each is one JSON file in FOLDER, called after its day, which is never written over. Its digest is of
all that it says: the day, what of the outcomes stood already, and the protocol with its defaults.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

from livingmeta import protocol, tables
from livingmeta.errors import InputError

FOLDER = "config/registered"
NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:-(\d+))?\.json")


class RegistrationError(InputError):
    """A registration that cannot be made, or is not as it was made."""


@dataclass(frozen=True)
class Registration:
    """A protocol as it stood on a day.

    `file`: where it is kept; `registered_on`: YYYY-MM-DD; `version`: of the review; `outcome_rows`,
    `curves`: printed numbers and digitised curves that stood then; `whole`: the protocol, completed
    under the schema of today; `sha256`: over all but `file`, as it was written; `seen`: whether
    numbers stood at an earlier registration.
    """

    file: str
    registered_on: str
    version: str
    outcome_rows: int
    curves: int
    whole: dict[str, Any]
    sha256: str
    seen: bool = False

    @property
    def before_data(self) -> bool:
        """Whether nothing of the outcomes had been taken down yet, then or at any time before."""
        return not self.outcome_rows and not self.curves and not self.seen


def digest(said: dict[str, Any]) -> str:
    """SHA-256 of what a registration says, whatever the order of keys and the white space."""
    text = json.dumps({k: v for k, v in said.items() if k != "sha256"}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def read(paths: Iterable[str]) -> list[Registration]:
    """The registrations in the files at `paths`, the oldest first.

    Raises RegistrationError for a file whose name is no day and for one that is not as it was made.
    """
    found = []
    for path in map(Path, paths):
        name = NAME.fullmatch(path.name)
        if not name:
            raise RegistrationError(
                f"{path.as_posix()}: what stands in {FOLDER} is made by `snakemake register` and "
                "called after its day, such as 2026-03-01.json. Move this elsewhere."
            )
        found.append(((name[1], int(name[2] or 1)), _read(path)))
    ordered = [registration for _, registration in sorted(found, key=lambda one: one[0])]
    # Who has seen numbers once has seen them, though they were taken out since.
    seen = accumulate(ordered, lambda known, one: known or not one.before_data, initial=False)
    return [replace(one, seen=before) for one, before in zip(ordered, seen, strict=False)]


def _read(path: Path) -> Registration:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        said = {}
    # What has the digest of all that it says was made by `make`, and has all keys.
    as_made = isinstance(said, dict) and said.get("sha256") == digest(said)
    if not as_made or not path.name.startswith(said["registered_on"]):
        raise RegistrationError(
            f"{path.as_posix()} is not as it was registered: its digest does not fit. Restore it "
            "from where it was committed or deposited; what changes is registered anew."
        )
    whole = said["protocol"]
    return Registration(
        file=path.as_posix(),
        version=whole["review"]["version"],
        whole=protocol.filled(whole),
        **{key: said[key] for key in ("registered_on", "outcome_rows", "curves", "sha256")},
    )


def make(
    whole: dict[str, Any], day: str, outcome_rows: int, curves: int, known: list[Registration]
) -> tuple[str, dict[str, Any]] | None:
    """The name of the file and the content of a new registration; None where the last of those
    `known`, the oldest first, is of this very protocol.

    `whole`: the protocol as it was written, completed; `day`: today, YYYY-MM-DD.
    Raises RegistrationError if today is before the last of those known.
    """
    if known and known[-1].whole == whole:
        return None
    if known and day < known[-1].registered_on:
        raise RegistrationError(
            f"{known[-1].file} is of a day to come: today is {day}. Set the clock of the machine."
        )
    today = sum(one.registered_on == day for one in known)
    said: dict[str, Any] = {
        "registered_on": day,
        "outcome_rows": outcome_rows,
        "curves": curves,
        "protocol": whole,
    }
    said = {"sha256": digest(said)} | said
    return f"{day}-{today + 1}.json" if today else f"{day}.json", said


def keep(name: str, said: dict[str, Any], folder: Path | str = FOLDER) -> Path:
    """Write a new registration and give its path. Raises RegistrationError if a file of that name
    stands there: none is ever written over."""
    path = Path(folder) / name
    if path.exists():
        raise RegistrationError(f"{path.as_posix()} stands there already, and is not written over.")
    path.parent.mkdir(parents=True, exist_ok=True)
    tables.write_json(said, path)
    return path
