"""Pages that are written from the code are what the code would write now; links lead somewhere."""

import re
import runpy
import tomllib

import pytest

from livingmeta.words import settling
from running import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "config/README.md"]
PAGES += sorted((ROOT / "docs").rglob("*.md"))


def test_the_config_page_is_what_the_schemas_say():
    page = runpy.run_path(str(ROOT / "docs" / "config_readme.py"))["page"]()
    assert (ROOT / "config" / "README.md").read_text(encoding="utf-8") == page


def test_every_kind_of_what_waits_stands_in_the_docs():
    page = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    told = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert [code for code in told if code in settling.OF] == [k.code for k in settling.KINDS]


def test_the_page_on_tables_is_what_the_schemas_say_and_has_all_of_them():
    page = runpy.run_path(str(ROOT / "docs" / "config_readme.py"))["of_results"]()
    assert (ROOT / "docs" / "tables.md").read_text(encoding="utf-8") == page
    tables = [
        path for path in (ROOT / "workflow/schemas").rglob("*.yaml") if "row:" in path.read_text()
    ]
    of_results = [path for path in tables if path.parent.name != "data"]
    heads = re.findall(r"^## `(.+)`$", page, flags=re.MULTILINE)
    assert len(heads) == len(set(heads)) == len(of_results)


def _anchors(text: str) -> set[str]:
    """What a link may name in a page: its headings as GitHub and the site write them."""
    heads = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for path, anchor in re.findall(r"\]\(([^)#:\s]*)#?([^)\s:]*)\)", text):
        to = (page.parent / path).resolve() if path else page
        assert to.exists(), path
        if anchor:
            assert anchor in _anchors(to.read_text(encoding="utf-8")), f"{path}#{anchor}"


def test_the_site_has_every_page_that_is_reached_and_no_other():
    site = runpy.run_path(str(ROOT / "docs" / "build_site.py"))
    reached = {path for path in site["reached"]() if path.endswith(".md")}
    toml = tomllib.loads((ROOT / "docs" / "zensical.toml").read_text(encoding="utf-8"))

    def pages(entries):
        for entry in entries:
            for inner in entry.values():
                yield from [inner] if isinstance(inner, str) else pages(inner)

    listed = list(pages(toml["project"]["nav"]))
    assert len(listed) == len(set(listed))
    assert set(listed) <= reached
    docs = {path.relative_to(ROOT).as_posix() for path in PAGES}
    assert docs <= set(listed)


def test_what_builds_the_site_is_locked_and_fetches_nothing():
    text = (ROOT / "docs" / "requirements.txt").read_text(encoding="utf-8")
    assert re.findall(r"^(zensical)==", text, flags=re.MULTILINE) == ["zensical"]
    assert "://" not in text
    names = re.findall(r"^[a-z0-9-]+==", text, flags=re.MULTILINE)
    assert len(names) <= text.count("--hash=sha256:")
    toml = (ROOT / "docs" / "zensical.toml").read_text(encoding="utf-8")
    assert "://" not in toml
    assert "font = false" in toml
