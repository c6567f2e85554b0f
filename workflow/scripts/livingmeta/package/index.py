"""The page that says what each file of results/ is and opens it."""

from collections.abc import Collection, Iterable, Mapping
from html import escape

from livingmeta import tables
from livingmeta.words import english

# Made by another branch of the run.
SCREENED = "screening/screen.html"
DIGITISED = "extraction/digitise.html"
# What people open first, in that order, with what it is.
FIRST = {
    "report.html": "The report: the answer first; each number says where it comes from",
    "report.docx": "The report as a Word file, with native tables",
    "report.pdf": "The report as PDF",
    "supplement.pdf": "The supplement to the report: what the page shows folded, as PDF",
    "supplement.docx": "The supplement to the report as a Word file",
    "results.xlsx": "The tables people ask for, as one Excel file",
    "to_settle.csv": "What waits for people, and what settles it",
    SCREENED: "The page on which records are screened",
    "screening/settle.html": "Where conflicts of reviewers and doubtful pairs are settled",
    "extraction/settle.html": "Where what two people read differently is settled",
    DIGITISED: "The page on which survival curves of figures are digitised",
    "living/changes.html": "What changed since the last release, and why",
    "living/news.html": "What is new since the last release, what it could move, what waits",
}
OTHERS = {
    "numbers.json": "Every number that the report prints, and what it was computed from",
    "report.json": "The content of the report as blocks",
    "package/ro-crate.zip": "The whole review with a digest of each file, to deposit",
    "package/CD000000-dataPackage.zip": "The data package of a Cochrane review",
    "prose/drafts.md": "Sentences to begin the abstract with, their numbers as ids",
    "prose/typed.csv": "Numbers of the texts that are typed by hand and the data give too",
    "package/references.ris": "All works that the report names, for a reference manager",
    "package/references.bib": "The same for BibTeX",
    "package/references.json": "The same as CSL-JSON, for any style of references",
    "package/included.ris": "The included reports, for a reference manager",
    "package/metafor.R": "Repeats the pooled results with metafor: Rscript metafor.R",
    "package/metafor_results.csv": "The results that it repeats, and with which call",
    "package/metafor_effects.csv": "The effects that they rest on",
    "package/CITATION.cff": "How to cite this review, for GitHub, Zenodo and reference managers",
    "package/flow.png": "The flow diagram for a printer",
    "package/flow.csv": "The counts of the flow diagram",
    "package/updated_flow.png": "The flow diagram of the update for a printer",
    "package/updated_flow.csv": "The counts of the flow diagram of the update",
    "package/checklists.csv": "Reporting checklists: what the review answers, what is owed",
    "package/prisma_s.csv": "The searches, as PRISMA-S asks for them",
    "screening/flow.json": "The counts of the flow diagram, for programs",
    "extraction/side_by_side.json": "What two people read differently, for programs",
    "screening/agreement.json": "How far reviewers agree",
    "screening/to_retrieve.ris": "The reports still to be retrieved, to order them with",
    "living/changes.json": "What changed, for programs",
    "living/news.txt": "The news in one paragraph, for an e-mail",
}
STAGES = ("screening", "extraction", "effects", "pooling", "living")
KINDS = {
    "flow": "Flow diagram",
    "updated_flow": "Flow diagram of the update",
    "over_time": "Summary survival over time",
    "curves": "Digitised curves and what was rebuilt from them",
    "forest": "Forest plot",
    "direction": "Directions of effects",
    "funnel": "Funnel plot",
    "estimators": "Models side by side",
    "labbe": "L'Abbé plot: one arm's share with the event against the other's",
    "bubble": "Effects against moderators",
    "diagnostics": "Influence of single studies",
    "cumulative": "How the result came to be",
    "information": "Information size",
}
STYLE = (
    "body{margin:2rem auto;max-width:60rem;padding:0 1rem;font:1rem/1.5 'Segoe UI',Roboto,"
    "Helvetica,Arial,'Liberation Sans',sans-serif;color:#1a1e24;background:#fff}"
    "h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.2rem;margin:2rem 0 .5rem}"
    "a{color:#14507f;display:inline-block;min-height:24px}dl{margin:0}dt{font-weight:600;margin-top:.6rem;overflow-wrap:anywhere}"
    "dd{margin:0}summary{cursor:pointer;color:#5a6370}details p{margin:.2rem 0 .2rem 1rem}"
    "code{overflow-wrap:anywhere}"
    "@media(prefers-color-scheme:dark){body{color:#e8eaed;background:#15181c}a{color:#8cc1ee}"
    "summary{color:#a4adb8}}"
)


def page(
    title: str,
    made: Iterable[str],
    bare: Iterable[str],
    titles: Mapping[str, str],
    *,
    desks: Collection[str] = (),
) -> str:
    """The page as HTML.

    `title`: of the review. `made`: paths of all results, under results/; `bare`: names of figures
    that only say that there is nothing to draw, which are left out; `titles`: of the syntheses;
    `desks`: the pages to settle on that have something to settle.
    """
    pages = {SCREENED, DIGITISED, *desks}
    paths = sorted(pages | {path.removeprefix("results/") for path in made})
    parts = [_listed("Open first", [_file(p, FIRST[p]) for p in FIRST if p in paths])]
    shown = {p: _figure(p, titles) for p in paths if p.startswith("figures/")}
    left = set(bare)
    drawn = [
        _file(p, words)
        for p, words in shown.items()
        if p.endswith(".svg") and p[len("figures/") : -len(".svg")] not in left
    ]
    parts.append(_listed("Figures", drawn))
    for stage in STAGES:
        csv = [p for p in paths if p.startswith(f"{stage}/") and p.endswith(".csv")]
        parts.append(_listed(f"Tables: {stage}", [_table(p) for p in csv]))
    parts.append(_listed("Further files", [_file(p, OTHERS[p]) for p in OTHERS if p in paths]))
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Results: {escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<main>\n<h1>Results: {escape(title)}</h1>\n"
        "<p>What each file of this folder is; a click opens it. All of it is computed: what people "
        "bring stands in <code>data/raw</code>, and a change made here is lost.</p>\n"
        f"{''.join(parts)}</main>\n</body>\n</html>\n"
    )


def _listed(heading: str, entries: list[str]) -> str:
    if not entries:
        return ""
    return f"<section>\n<h2>{escape(heading)}</h2>\n<dl>\n{''.join(entries)}</dl>\n</section>\n"


def _file(path: str, words: str) -> str:
    return f'<dt><a href="{escape(path)}">{escape(path)}</a></dt>\n<dd>{escape(words)}</dd>\n'


def _table(path: str) -> str:
    """A table with what a row of it is, and its columns."""
    contract = tables.schema(path.removesuffix(".csv"))
    columns = "".join(
        f"<p><code>{escape(name)}</code>: {escape(str(one.get('meaning', '')))}"
        f"{escape(_measured(one))}</p>\n"
        for name, one in contract["columns"].items()
    )
    said = english.sentence(contract.get("row", ""))
    return (
        f'<dt><a href="{escape(path)}">{escape(path)}</a></dt>\n<dd>A row: '
        f"{escape(english.within(said))}<details><summary>Its columns</summary>\n{columns}"
        "</details></dd>\n"
    )


def _measured(column: Mapping[str, str]) -> str:
    """Unit and scale of a column, in brackets."""
    parts = [column.get("unit", ""), f"{column['scale']} scale" if "scale" in column else ""]
    said = ", ".join(filter(None, parts))
    return f" ({said})" if said else ""


def _figure(path: str, titles: Mapping[str, str]) -> str:
    kind, _, synthesis = path.removeprefix("figures/").removesuffix(".svg").partition("-")
    words = KINDS.get(kind, english.heading(kind))
    return f"{words}: {titles.get(synthesis, synthesis)}" if synthesis else words
