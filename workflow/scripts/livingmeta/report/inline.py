"""Figures inside the page: drawn in the page's colours, and still there to be downloaded."""

import re

from markupsafe import Markup, escape

# The house colours of report/style.py by name; the page gives each a light and a dark value.
# (Repeated here, since importing the style would import Matplotlib; a test holds both together.)
COLOURS = {
    "#ffffff": "paper",
    "#1a1e24": "ink",
    "#5a6370": "grey",
    "#9aa2ad": "line",
    "#e3e6ea": "faint",
    "#f3f5f7": "wash",
    "#1f5a8c": "study",
    "#c04f15": "pooled",
    "#dfe5ec": "band1",
    "#c9d3de": "band2",
    "#b1bfce": "band3",
}
POINTS_TO_PIXELS = 96 / 72


def figure(svg: str, name: str) -> dict:
    """What the page needs of a figure: `svg` to stand in it, `name`, and its natural width
    `wide` (CSS).

    Ids get the figure's name in front, so that two figures do not share one. The page's script
    makes the file again from what stands in the page when a reader saves it.
    """
    found = re.search(r'viewBox="0 0 ([\d.]+) [\d.]+"', svg)
    wide = round(float(found[1]) * POINTS_TO_PIXELS) if found else 800
    head, body = svg.split(">", 1)
    # A title would follow the pointer about as a hint; its words stand in the caption anyway.
    title = re.search(r"<title>(.*?)</title>\s*", body, flags=re.DOTALL)
    if title:
        body = body.replace(title[0], "", 1)
        head += f' aria-label="{title[1].replace(chr(34), "&quot;")}"'
    head = re.sub(r' (width|height|version|xmlns(:xlink)?)="[^"]*"', "", head)
    body = re.sub(r'\b(id="|href="#|url\(#)', rf"\g<1>{name}--", body)
    body = re.sub(r"#[0-9a-f]{6}\b", _coloured, body)
    return {"name": name, "svg": Markup(f"{head}>{body}"), "wide": f"{wide}px"}


def _coloured(found: re.Match) -> str:
    colour = found[0]
    return f"var(--{COLOURS[colour]},{colour})" if colour in COLOURS else colour


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
