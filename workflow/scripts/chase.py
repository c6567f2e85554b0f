"""Chase citations: what included reports cite, and what cites them, in two indexes."""

import os
import shutil
import sys
from pathlib import Path

from livingmeta import tables
from livingmeta.living.search import found, held, literature, openalex, semantic_scholar, states
from livingmeta.living.search.pages import Pages
from livingmeta.living.search.services import client
from livingmeta.run import record

INDEXES = {"openalex": openalex, "semantic-scholar": semantic_scholar}
SOURCE = "citation searching"  # of PRISMA 2020


def main(day: str, known: dict, pages, say, root=".", environment=os.environ):
    """`day`: today, YYYY-MM-DD; `known`: path by table of screening; `pages`: folder for what is
    downloaded until all of it is there; `root`: the review's folder."""
    records = tables.read(known["records"], "screening/records")
    registrations = tables.read(known["registrations"], "screening/registrations")
    included = tables.read(known["included"], "screening/included")
    reports = states.reports(records, included["record_id"])
    if not reports:
        raise literature.LiteratureError(
            "No report is included yet: citations are chased from those that are. Decide on full "
            "texts in data/raw/screening/decisions.csv first."
        )
    folder = Path(root) / literature.FOLDER
    here = held.names(records, registrations, sorted(folder.rglob("*.*")))
    titles = held.titles(records)
    ledger, answers = literature.ledger(root), []
    for key, module in INDEXES.items():
        search = literature.Search(
            *(module.NAME, module.PLATFORM, asked(reports), f"{key}-citations", module.SUFFIX),
            source=SOURCE,
        )
        if literature.done(search, ledger, day, root):
            say(f"{search.name}: citations of these reports were chased today already")
            continue
        service = client(module, say, environment)
        answers.append((search, chased(module, service, reports, day, here, titles, pages, say)))
    for path in literature.keep(answers, day, root):
        say(f"wrote {path}")
    shutil.rmtree(pages, ignore_errors=True)
    new = sum(answer.new for _, answer in answers)
    say(f"{new:,} new records. Run snakemake to screen them." if new else "No new records.")


def asked(reports) -> str:
    """What stands for a query: from which reports citations were chased."""
    return "\n".join(["Backward and forward citation searching from:", *sorted(reports)])


def chased(module, service, reports, day, here, titles, pages, say) -> literature.Answer:
    """All citations of the reports in one index, and what of them is not held, fetched."""
    kept = Pages(pages, [module.NAME, "citations", day])
    seeds = module.look_up(service, reports.values(), day, kept.of("look up"))
    known = {report for hit in seeds for report in states.concerned(hit, reports)}
    warnings = [
        f"{module.NAME} does not know {report}: its citations were not chased"
        for report in sorted(set(reports) - known)
    ]
    hits: dict[str, found.Hit] = {}
    nameless = 0
    for number, seed in enumerate(seeds, 1):
        cited, unknown = module.citations(service, seed.own, kept)
        hits |= {hit.own: hit for hit in cited}
        nameless += unknown
        say(f"{module.NAME}: {number:,} of {len(seeds):,} reports, {len(hits):,} records found")
    if nameless:
        warnings.append(f"{module.NAME} knows {nameless:,} citations by title alone: not fetched")
    for warning in warnings:
        say(f"look at this: {warning}")
    new = found.new(hits.values(), here, titles)
    say(f"{module.NAME}: {len(hits):,} records found, {len(new):,} of them new")
    export = module.fetch(service, [hit.own for hit in new], kept.of("fetch"))
    return literature.Answer(export, len(new), len(hits), "", warnings)


if __name__ == "__main__":

    def work(say):
        def told(line):
            """To the log, and to whoever is waiting."""
            say(line)
            print(line, file=sys.stderr, flush=True)

        inputs = dict(snakemake.input.items())
        main(snakemake.params.day, inputs, snakemake.params.pages, told)

    record.of(snakemake, work)
