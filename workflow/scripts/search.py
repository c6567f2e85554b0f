"""Ask databases for all that a query finds, and add what is new to data/raw/searches/."""

import os
import shutil
import sys
from pathlib import Path

from livingmeta import tables
from livingmeta.living.search import (
    crossref,
    europe_pmc,
    found,
    held,
    known_items,
    literature,
    pubmed,
    states,
)
from livingmeta.living.search.pages import Pages
from livingmeta.living.search.services import SERVICES, client, named
from livingmeta.run import record

STATES = (pubmed, europe_pmc, crossref)  # who knows what became of a report


def main(asked: dict, day: str, known: dict, pages, say, root=".", environment=os.environ):
    """`asked`: the protocol's key `search`; `day`: today, YYYY-MM-DD; `known`: path by table of
    screening; `pages`: folder for what is downloaded until all of it is there; `root`: the review's
    folder."""
    keys = named(asked)
    if not keys:
        raise literature.LiteratureError(
            "config/config.yaml names no search. Give it one, such as search: {pubmed: "
            '"hepatocellular carcinoma[mh] AND ..."}; the query is sent exactly as it stands.'
        )
    if asked.get("from"):
        say(
            "search.from in config/config.yaml is not looked at (and may go): all that the query "
            "finds is compared with what is held, since databases date records back."
        )
    folder = Path(root) / literature.FOLDER
    ledger = literature.ledger(root)
    # Before anything is asked: that its row can be written.
    literature.with_rows(folder / "searches.csv", [])
    records = tables.read(known["records"], "screening/records")
    registrations = tables.read(known["registrations"], "screening/registrations")
    included = tables.read(known["included"], "screening/included")
    reports = states.reports(records, included["record_id"])
    numbered = known_items.with_numbers(reports, registrations)
    here = held.names(records, registrations, sorted(folder.rglob("*.*")))
    titles = held.titles(records)
    answers, looked_at, missed = [], [], []
    for key in keys:
        module = SERVICES[key]
        search = literature.Search(
            module.NAME, module.PLATFORM, asked[key].strip(), key, module.SUFFIX
        )
        if literature.done(search, ledger, day, root):
            say(f"{search.name}: this query was run today already")
            continue
        service = client(module, say, environment)
        every, answer = ask(module, service, search.query, day, here, titles, pages, say)
        if not every.hits:
            before = literature.most_found(search, ledger, root)
            say(nothing(module.NAME, before))
            if before:
                continue
        answers.append((search, answer))
        looked_at.append(module.NAME)
        missed += known_items.missed(module, service, search.query, every, numbered, day, pages)
    clients = {module.NAME: client(module, say, environment) for module in STATES}
    told = states.of(clients, reports, day, pages, say)
    for path in literature.keep(answers, day, root):
        say(f"wrote {path}")
    for row in states.keep(told, root):
        notice = f" ({row['notice']})" if row["notice"] else ""
        say(f"look at this: {row['report']} is {row['state']}{notice}, says {row['source']}")
    known_items.keep(missed, looked_at, [SERVICES[key].NAME for key in keys], root)
    for row in missed:
        lost = f", lost by {row['lost_by']}" if row["lost_by"] else ""
        say(f"look at this: the query of {row['database']} misses {row['report']}{lost}")
    shutil.rmtree(pages, ignore_errors=True)
    new = sum(answer.new for _, answer in answers)
    say(f"{new:,} new records. Run snakemake to screen them." if new else "No new records.")


def nothing(name: str, before: int) -> str:
    """What is said of a query that finds no record at all; `before`: how many it found once."""
    if before:
        return (
            f"look at this: the query of {name} finds NO RECORD today, and found {before:,} before."
            " This is not counted as a search, and nothing of it is written: the index may be down."
            " Run the search again later, and try the query on the website."
        )
    return (
        f"look at this: the query of {name} finds no record at all. Try it on the website: a query "
        "in another database's language often finds nothing."
    )


def ask(
    module, service, query, day, here, titles, pages, say
) -> tuple[found.Found, literature.Answer]:
    """All that a query finds, and what of it is not held, fetched."""
    every = module.find(service, query, day, Pages(pages, [module.NAME, "find", query, day]))
    for warning in every.warnings:
        say(f"look at this: {warning}")
    new = found.new(every.hits, here, titles)
    say(f"{module.NAME}: {len(every.hits):,} records found, {len(new):,} of them new")
    if alike := found.by_doi_alone(every.hits, here, titles):
        say(f"{module.NAME}: {alike:,} of them count as held for their DOI and title alone")
    wanted = [hit.own for hit in new]
    export = module.fetch(service, wanted, Pages(pages, [module.NAME, "fetch", day]))
    answer = literature.Answer(export, len(new), len(every.hits), every.read_as, every.warnings)
    return every, answer


if __name__ == "__main__":

    def work(say):
        def told(line):
            """To the log, and to whoever is waiting."""
            say(line)
            print(line, file=sys.stderr, flush=True)

        main(
            snakemake.params.search,
            snakemake.params.day,
            dict(snakemake.input.items()),
            snakemake.params.pages,
            told,
        )

    record.of(snakemake, work)
