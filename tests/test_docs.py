"""Pages that are written from the code are what the code would write now."""

import runpy

from running import ROOT


def test_the_config_page_is_what_the_schemas_say():
    page = runpy.run_path(str(ROOT / "docs" / "config_readme.py"))["page"]()
    assert (ROOT / "config" / "README.md").read_text(encoding="utf-8") == page


def test_the_readme_names_files_that_exist():
    import re

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / link).exists(), link
