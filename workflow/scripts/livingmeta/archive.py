"""ZIP files and bytes that are the same whenever and wherever they are made."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

# The first day that a ZIP file can hold.
DAY = (1980, 1, 1, 0, 0, 0)
PLAIN_FILE = 0o644 << 16


def zipped(files: Mapping[str, bytes | Path]) -> bytes:
    """A ZIP file of `files`, by path, in order of path and without dates: each its content, or the
    place of a file, which is read when its turn comes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = PLAIN_FILE
            content = files[path]
            if isinstance(content, Path):
                content = content.read_bytes()
            archive.writestr(entry, content, compresslevel=6)
    return buffer.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    """The files of a ZIP file, content by path."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
