"""Typst called: from what a template is given to the bytes of a PDF or a PNG, with its faces.

Imports no pandas: what sets a large report runs in a process of its own, which holds the data of
the template and what Typst makes of it, and nothing else.
"""

import tempfile
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst

from livingmeta import files
from livingmeta.errors import InternalError

TEMPLATE = Path(__file__).parents[4] / "templates" / "report.typ"
# Links to the faces, for as long as the process lasts: Typst reads a face when it first sets in it.
_FACES = tempfile.TemporaryDirectory()


class TypesetError(InternalError):
    """The report cannot be set in type: a figure is missing, or Typst refuses it."""


def report(document: str) -> bytes:
    """The report as PDF (tagged, PDF/UA-1), from its content as JSON, as `typst.content` gives
    it."""
    how = {"format": "pdf", "pdf_standards": "ua-1"}
    return compiled(TEMPLATE.read_bytes(), {"document": document}, **how)


def report_of(path: Path | str, to: Path | str) -> None:
    """The same from a file of that content and to a file."""
    files.write(report(Path(path).read_text(encoding="utf-8")), to)


def compiled(source: bytes, inputs: dict[str, str], **how: Any) -> bytes:
    """What Typst makes of a template and what it is given, by name; `how`: as for its `compile`."""
    letters = set("".join(inputs.values()))
    fonts = _fonts(any(unicodedata.east_asian_width(letter) in "WF" for letter in letters))
    compiler = typst.Compiler(source, font_paths=fonts, sys_inputs=inputs)
    try:
        made: Any = compiler.compile(**how)
        return made
    except typst.TypstError as error:
        raise TypesetError(f"Typst: {error}") from error


def _folder(package: str) -> Path:
    found = find_spec(package)
    assert found is not None  # it is locked in requirements.txt
    assert found.origin is not None
    return Path(found.origin).parent


@cache
def _fonts(wide: bool) -> typst.Fonts:
    """The faces to set in, once a process; `wide`: with Chinese, Japanese and Korean, whose 16 MB
    are read only where they are needed."""
    # Typst takes folders of faces. Matplotlib's holds one of boxes for every letter there is, which
    # would be taken for all of a line that has a letter DejaVu lacks.
    folder = Path(tempfile.mkdtemp(dir=_FACES.name))
    # Found without importing Matplotlib, which takes longer than setting the report.
    faces = sorted((_folder("matplotlib") / "mpl-data" / "fonts" / "ttf").glob("DejaVu*.ttf"))
    if wide:
        faces += _folder("cvttf_NotoSansCJK_Regular").glob("*.otf")
    for face in faces:
        (folder / face.name).symlink_to(face)
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])
