"""Links, and the addresses of records."""

import re

from markupsafe import Markup, escape


def link(address: str, words: str | None = None) -> Markup:
    """A link, if the address is one of the web; else its text."""
    words = address if words is None else words
    if not re.match(r"https?://", str(address)):
        return escape(words)
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(address, words)


def record_address(record_id: str, url: str = "") -> str:
    """Where a record can be seen: by its DOI or PubMed identifier, else by the export's address."""
    scheme, _, value = str(record_id).partition(":")
    places = {
        "doi": "https://doi.org/",
        "pmid": "https://pubmed.ncbi.nlm.nih.gov/",
        "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/",
    }
    return f"{places[scheme]}{value}" if scheme in places and value else str(url or "")
