"""A browser window, and the screening page with a reviewer at work in it."""

import pytest
from chromium import Browser
from pages import html, made, start


@pytest.fixture(scope="module")
def opened():
    """A browser window that the tests of a module share."""
    with Browser() as browser:
        yield browser


@pytest.fixture
def cast():
    """The votes that stand when the page is made; a test that needs others overrides this."""
    return {}


@pytest.fixture
def screen(opened, tmp_path, cast):
    """The page of `made()` with the reviewer ada at work, a file and a storage of its own."""
    file = tmp_path / "screen.html"
    file.write_text(html(*made(), **cast), encoding="utf-8")
    start(opened, file)
    yield opened
    assert opened.errors == []
    assert {url.split(":")[0] for url in opened.requests} <= {"file", "data", "blob"}
    opened.run("localStorage.clear()")
