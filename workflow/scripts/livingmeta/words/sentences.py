"""Sentences that earlier stages wrote, with the numbers in them registered like any other."""

import re

from markupsafe import Markup, escape

from livingmeta.words.numbers import Numbers, missing

# A number that stands by itself: not part of a name, a date, an address or a file.
NUMBER = re.compile(
    r"(?<![\w./:#-])[−-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?(?![\w/-]|[.:]\d)", re.ASCII
)


def with_numbers(
    numbers: Numbers, key: str, text: str, parents: list[str], what: str = ""
) -> Markup:
    """The sentence for the page, each of its numbers registered as `<key>/<position>`.

    The text of such a number is the stage's own. `parents`, `what`: as for Numbers.add.
    """
    if missing(text):
        return Markup("")
    text, parts, done = str(text), [], 0
    for i, found in enumerate(NUMBER.finditer(text)):
        id_ = f"{key}/{i}"
        value = float(re.sub(r"[,%]", "", found[0]).replace("−", "-"))
        numbers.add_as_text(id_, value, found[0], parents, what or text)
        parts += [escape(text[done : found.start()]), marked(id_, found[0])]
        done = found.end()
    return Markup("").join([*parts, escape(text[done:])])


def marked(id_: str, text: str) -> Markup:
    """A number as it stands in the page; a click on it shows where it comes from."""
    return Markup('<span class="num" data-id="{}">{}</span>').format(id_, text)
