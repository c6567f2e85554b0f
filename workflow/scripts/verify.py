"""Look each quote up in the text that is held, and make the page to settle readings on."""

from livingmeta.run import record


def main(paths: dict, held, kept, out: dict, title: str, say):
    """`paths`: path by table; `held`: paths of full texts; `kept`: path of the kept copy, or [];
    `out`: paths to write; `title`: of the review."""
    from livingmeta import tables
    from livingmeta.extraction.desk import page
    from livingmeta.extraction.quotes import check
    from livingmeta.extraction.quotes import kept as stored
    from livingmeta.run import digests
    from livingmeta.screening import fulltexts
    from livingmeta.screening.decisions import by_name

    records = tables.read(paths["records"], "screening/records")
    studies = tables.read(paths["studies"], "extraction/studies")
    outcomes = tables.read(paths["outcomes"], "extraction/outcomes")
    earlier = tables.brought(kept, "data/quotes")
    files, _ = fulltexts.files_of(held, by_name(records))
    of_file = {path: digests.digest(path) for path in held}
    read = {path: stored.text(path, of_file[path]) for paths_ in files.values() for path in paths_}
    found = check.check(
        outcomes, check.of_studies(studies, files), read.__getitem__, of_file, earlier
    )
    for path, told in sorted(read.items()):
        if told.why:
            say(f"{path}: {told.why}")
    counts = found["state"].value_counts().sort_index().items()
    say(", ".join(f"{n} {state}" for state, n in counts) or "no printed number")
    proposals = tables.read(paths["proposals"], "extraction/proposals")
    proposed = check.check(
        proposals, check.of_studies(studies, files), read.__getitem__, of_file, earlier
    )
    tables.write(found, out["quotes"], "extraction/quotes")
    tables.write(proposed, out["proposed"], "extraction/quotes")
    tables.write(check.to_keep(found), out["keep"], "data/quotes")
    to_settle = tables.read_json(paths["side_by_side"])
    tables.write_text(page.render(to_settle, found, proposed, title=title), out["desk"])
    say(f"{len(to_settle['cases'])} readings to settle")


if __name__ == "__main__":
    named = dict(snakemake.input.items())
    held, kept = named.pop("held", []), named.pop("kept", [])
    record.of(
        snakemake,
        lambda say: main(
            named,
            [held] if isinstance(held, str) else held,
            [kept] if isinstance(kept, str) else kept,
            dict(snakemake.output.items()),
            snakemake.params.title,
            say,
        ),
    )
