"""Build the pages as a site in site/html: `make docs`, or this with the tools of requirements.txt.

The pages are those that a reader of README.md comes to by its links, with whatever they link to,
laid out as they lie here, so a link that works in the plain files works in the site. Nothing is
fetched.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SITE = ROOT / "site"
OWN = ("docs/site.css", "docs/site.js")  # named in zensical.toml
LINK = re.compile(r"\]\(([^)#\s]+)")


def reached(start: str = "README.md") -> list[str]:
    """Paths below ROOT of the page `start` and of all that links lead to from it, page by page."""
    found, left = [start], [start]
    while left:
        page = ROOT / left.pop(0)
        links = LINK.findall(page.read_text(encoding="utf-8")) if page.suffix == ".md" else []
        for link in (link for link in links if "://" not in link):
            path = (page.parent / link).resolve().relative_to(ROOT).as_posix()
            if path not in found:
                found.append(path)
                left.append(path)
    return found


def build() -> int:
    """Make the site; returns the exit of the tool, which is not 0 where a link leads nowhere."""
    shutil.rmtree(SITE, ignore_errors=True)
    for path in [*reached(), *OWN]:
        to = SITE / "pages" / path
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, to)
    shutil.copy(ROOT / "docs/zensical.toml", SITE / "zensical.toml")
    tool = Path(sys.executable).with_name("zensical")
    done = subprocess.run([tool, "build", "--strict"], cwd=SITE, check=False).returncode
    # Shown by servers alone; opened from a folder it is a page whose links lead nowhere.
    (SITE / "html" / "404.html").unlink(missing_ok=True)
    return done


if __name__ == "__main__":
    sys.exit(build())
