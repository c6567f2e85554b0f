"""The templates of pages, as Jinja reads them."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parents[3] / "templates"


def environment(**more: Any) -> Environment:
    """Where templates come from: whatever they are given is escaped, and a name that is not there
    is an error. `more`: as for Environment."""
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **more,
    )
