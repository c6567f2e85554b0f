"""Pages of a download, kept on disk until all are there, so that a broken one can go on."""

import hashlib
import shutil
from pathlib import Path

from livingmeta import tables


class Pages:
    """The pages of one query in a folder of their own under `folder`.

    `asked`: all that decides the answer (service, query, dates); another question is another
    folder. Each page is written whole or not at all.
    """

    def __init__(self, folder: Path | str, asked: list[str]) -> None:
        name = hashlib.sha256("\0".join(asked).encode()).hexdigest()[:16]
        self.folder = Path(folder) / name

    def of(self, asked: str) -> "Pages":
        """The pages of a smaller question that belongs to this one."""
        return Pages(self.folder, [asked])

    def read(self, name: str) -> str | None:
        """The page called `name`, or None if it is not there yet."""
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.exists() else None

    def keep(self, name: str, content: str) -> None:
        """Write a page."""
        tables.write_text(content, self.folder / name)

    def forget(self) -> None:
        """Throw all pages away."""
        shutil.rmtree(self.folder, ignore_errors=True)
