"""Ask PubMed and Europe PMC for what is new, and add the answer to data/raw/searches/."""

import os
import shutil
import sys
from pathlib import Path

from livingmeta import tables
from livingmeta.living.search import europe_pmc, literature, pubmed
from livingmeta.run import record

# What people may set in their environment; the key is never written anywhere.
KEY, CONTACT = "NCBI_API_KEY", "NCBI_EMAIL"
AT = {"pubmed": "LIVINGMETA_PUBMED", "europe-pmc": "LIVINGMETA_EUROPE_PMC"}
SERVICES = {"pubmed": (pubmed, ".nbib"), "europe-pmc": (europe_pmc, ".ris")}


def main(asked: dict, day: str, pages, say, root=".", environment=os.environ):
    """`asked`: the protocol's key `search`; `day`: today, YYYY-MM-DD; `pages`: folder for what is
    downloaded until all of it is there; `root`: the review's folder."""
    named = [key for key in SERVICES if str(asked.get(key) or "").strip()]
    if not named:
        raise literature.LiteratureError(
            "config/config.yaml names no search. Give it one, such as search: {pubmed: "
            '"hepatocellular carcinoma[mh] AND ..."}; the query is sent exactly as it stands.'
        )
    ledger_path = Path(root) / literature.FOLDER / "searches.csv"
    ledger = (
        tables.read(ledger_path, "data/searches")
        if ledger_path.exists()
        else tables.empty("data/searches")
    )
    found = []
    for key in named:
        module, suffix = SERVICES[key]
        search = literature.Search(
            name=module.NAME,
            platform=module.PLATFORM,
            query=asked[key].strip(),
            since=literature.since(asked.get("from", "last"), module.NAME, ledger, day),
            stem=key,
            suffix=suffix,
        )
        if literature.done(search, ledger, day, root):
            say(f"{search.name}: this query was run today already")
            continue
        say(f"{search.name}: asking for what came in from {search.since or 'the beginning'} on")
        service = client(key, say, environment)
        answer = module.search(service, search.query, search.since, day, pages)
        for warning in answer.warnings:
            say(f"look at this: {warning}")
        found.append((search, answer))
    written = literature.keep(found, day, root)
    for path in written:
        say(f"wrote {path}")
    shutil.rmtree(pages, ignore_errors=True)
    new = sum(answer.records for _, answer in found)
    say(f"{new:,} records. Run snakemake to see which of them are new." if new else "No records.")


def client(key: str, say, environment):
    """The client of a service, at its public address or where the environment says."""
    module = SERVICES[key][0]
    base = environment.get(AT[key], module.BASE)
    if module is pubmed:
        return pubmed.client(base, environment.get(KEY, ""), environment.get(CONTACT, ""), say)
    return europe_pmc.client(base, say)


if __name__ == "__main__":

    def work(say):
        def told(line):
            """To the log, and to whoever is waiting."""
            say(line)
            print(line, file=sys.stderr, flush=True)

        main(snakemake.params.search, snakemake.params.day, snakemake.params.pages, told)

    record.of(snakemake, work)
