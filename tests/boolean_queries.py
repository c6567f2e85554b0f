"""Queries of PubMed and Europe PMC on made-up records, so that a loopback service can answer them.

Words, quoted phrases, `AND`, `OR`, `NOT` from left to right, parentheses; words beside one another
are joined by AND. A word is looked up among the record's `words`; a record without any has all.
"""

import re
from functools import lru_cache

TOKEN = re.compile(
    r"\(|\)|\d{4}/\d\d/\d\d:\d{4}/\d\d/\d\d\[crdt\]|(?:\w+:)?\"[^\"]*\"(?:\[\w+\])?|[^\s()]+"
)


def finds(query: str, record: dict) -> bool:
    """Whether a query finds a record: `number`, `created`, `doi`, `words` and so on."""
    return _holds(parsed(query), record)


@lru_cache(maxsize=500)
def parsed(query: str) -> list:
    """Pairs of how a part is joined to those before it, and the part: a list again, or a word."""
    tokens = iter(TOKEN.findall(query))
    found = _parts(tokens, 0)
    assert next(tokens, None) is None, f"odd parentheses in {query}"
    return found


def _parts(tokens, depth: int) -> list:
    found, join = [], "AND"
    for token in tokens:
        if token == ")":
            assert depth, "a parenthesis too many"
            return found
        if token in ("AND", "OR", "NOT"):
            join = token
            continue
        found.append((join, _parts(tokens, depth + 1) if token == "(" else _asks(token)))
        join = "AND"
    assert not depth, "a parenthesis is left open"
    return found


def _holds(parts: list, record: dict) -> bool:
    found = True
    for place, (join, part) in enumerate(parts):
        if found == (join == "OR") and place:  # it can make no difference
            continue
        one = _holds(part, record) if isinstance(part, list) else part(record)
        found = not one if join == "NOT" else one
    return found


def _asks(token: str):
    """What a word asks of a record."""
    if between := re.fullmatch(r"(\S+):(\S+)\[crdt\]", token):
        first, last = between.groups()
        return lambda record: bool(record["created"]) and first <= record["created"] <= last
    if tagged := re.fullmatch(r'"?([^"\[]*)"?\[(uid|aid)\]', token):
        key, value = "pmid" if tagged[2] == "uid" else "doi", tagged[1]
        return lambda record: record[key] == value
    if named := re.fullmatch(r'(EXT_ID|SRC|DOI|PMCID):"?([^"]*)"?', token):
        key = {"EXT_ID": "id", "SRC": "source", "DOI": "doi", "PMCID": "pmcid"}[named[1]]
        return lambda record: record[key] == named[2]
    word = re.sub(r"\[\w+\]$|^\w+:", "", token).strip('"')
    return lambda record: not record["words"] or word in record["words"]
