"""Screening pages to test, and the hands of a reviewer on them."""

import csv
import io

import pandas as pd

import asking
from livingmeta.screening import page, stopping

REVIEW = asking.review(
    title='Colchicine for <gout> & "pseudogout"',
    question={"population": "Adults with gout", "intervention": "Colchicine"},
)
SCREENING = asking.screening(
    criteria={"include": ["Randomised studies"], "exclude": ["Animals", "<b>Reviews</b>"]},
    reasons={"wrong-drug": "Another drug", "animals": "Not in <i>people</i>"},
)
NASTY = "</script><script>document.title='broken'</script><img src=x onerror=alert(1)> ${1} {{ 2 }}"


def made(n=12, texts=3, abstract="Gout in adults.\nRandomised against placebo. Animals were kept."):
    """A queue and its records: `n` at title and abstract, `texts` that wait for their full text."""
    records = pd.DataFrame(
        {
            "record_id": [f"doi:10.1000/{i}" for i in range(n + texts)],
            "title": [f"Record {i} on colchicine" for i in range(n + texts)],
            "abstract": abstract,
            "authors": "Smith, A; Ünal, B; O'Neill, C",
            "year": "2020",
            "journal": "J Gout",
            "type": "journal article",
            "flag": "",
            "url": "https://example.org/",
            "identifiers": [f"doi:10.1000/{i} pmid:{900 + i} title:x" for i in range(n + texts)],
        }
    )
    if n:
        records.loc[1, ["title", "abstract", "journal"]] = NASTY
        records.loc[2, "abstract"] = ""
    queue = pd.DataFrame(
        {
            "record_id": records["record_id"],
            "stage": ["title-abstract"] * n + ["full-text"] * texts,
            "state": ["undecided"] * n + ["unsure"] * texts,
            "words": "gout; <b>colchicine</b>",
        }
    )
    return queue, records


VOTES = pd.DataFrame(
    [
        ("doi:10.1000/3", "title-abstract", "ada", "include"),
        ("doi:10.1000/4", "title-abstract", "bob", "exclude"),
        ("doi:10.1000/12", "full-text", "ada", "unsure"),
    ],
    columns=["record_id", "stage", "reviewer", "decision"],
)


def html(queue, records, votes=VOTES, machines=None, **more):
    return page.render(
        queue,
        records,
        votes,
        review=REVIEW,
        screening=SCREENING,
        statement=stopping.statement([True, False], 12),
        machines=machines,
        **more,
    )


def start(browser, file, name="ada"):
    """Open the page for the first time and say who is screening."""
    browser.errors.clear()
    browser.requests.clear()
    browser.open(file)
    browser.run("localStorage.clear()")
    browser.open(file)
    browser.wait("document.getElementById('ask-name').open")
    browser.type(name)
    browser.key("Enter")
    browser.wait("!document.getElementById('ask-name').open")


def text_of(browser, what):
    return browser.run(f"document.getElementById('{what}').textContent")


def keys(browser, pressed):
    for key in pressed:
        browser.key(key)


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def downloaded(browser):
    browser.key("d")
    name, text = browser.downloaded()
    return name, text
