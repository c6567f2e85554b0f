"""What the exports hold already, by every name that a database may call it."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from livingmeta.living.search.found import NAMED
from livingmeta.screening import normalise
from livingmeta.screening.readers import answers
from livingmeta.screening.readers.decode import decode
from livingmeta.screening.registrations import ENTRY

# How exports name a record that have been fetched by a search of ours as RIS.
_OF_RIS = re.compile(r"^ID  - ([A-Z]{3}:\S+)\s*$", re.MULTILINE)


def names(
    records: pd.DataFrame, registrations: pd.DataFrame, exports: Iterable[Path]
) -> frozenset[str]:
    """Every name of what is held: `pmid:`, `pmcid:` and `doi:` of each copy, `nct:` of a register's
    own entries, and what databases call the records of the exports that came from them.

    `records`, `registrations`: as screening/records.csv and registrations.csv; `exports`: files.
    """
    found = {
        name
        for cell in records["identifiers"]
        for name in str(cell).split()
        if name.startswith(NAMED)
    }
    entries = registrations[registrations["role"] == ENTRY]
    found |= {f"nct:{number}" for number in entries["number"] if number.startswith("NCT")}
    for path in exports:
        if path.suffix == ".json":
            text = decode(path.read_bytes())[0]
            found |= {own for item, _, _ in answers.objects(text) for own in called(item)}
        elif path.suffix == ".ris":
            found |= set(_OF_RIS.findall(decode(path.read_bytes())[0]))
    return frozenset(found)


def titles(records: pd.DataFrame) -> dict[str, frozenset[str]]:
    """The titles of what is held by DOI (`doi:...`), as `normalise.title_key` has them.

    `records`: as screening/records.csv.
    """
    of: dict[str, set[str]] = {}
    for cell, title in zip(records["identifiers"], records["title"], strict=True):
        for name in str(cell).split():
            if name.startswith("doi:") and title:
                of.setdefault(name, set()).add(normalise.title_key(title))
    return {name: frozenset(keys) for name, keys in of.items()}


def called(item: Any) -> list[str]:
    """What its database calls a record of an answer: as `own` of the modules that ask it."""
    if not isinstance(item, dict):
        return []
    if item.get("paperId"):
        return [f"s2:{item['paperId']}"]
    if str(item.get("id", "")).startswith("https://openalex.org/"):
        return [f"openalex:{item['id'].rpartition('/')[2]}"]
    if item.get("source") and item.get("id") and isinstance(item["source"], str):
        return [f"{item['source']}:{item['id']}"]
    return []
