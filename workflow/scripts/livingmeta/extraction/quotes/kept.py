"""Texts of held files, kept by the digest of the file, so that each is read once.

Of use to this machine alone.
"""

import json
from pathlib import Path

from livingmeta.extraction.quotes import texts
from livingmeta.files import write

TEXTS = ".snakemake/texts"


def text(path: str | Path, digest: str) -> texts.Text:
    """The text of a held file with this SHA-256, from the store where it was read before."""
    stored = Path(TEXTS, f"{digest}{Path(path).suffix.lower()}.{texts.reader()}.json")
    if stored.exists():
        return texts.Text(**json.loads(stored.read_text(encoding="utf-8")))
    found = texts.read(path)
    if found.why != "no-pdf-reader":
        write(json.dumps(found._asdict()).encode(), stored)
    return found
