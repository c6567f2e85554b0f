"""Make the page on which curves are digitised, and pictures of the pages of held PDFs for it."""

from livingmeta.run import record


def main(paths: dict, held, out: dict, title: str, protocol: dict, say):
    """`paths`: path by table; `held`: paths of full texts; `out`: path by file to write; `title`:
    of the review; `protocol`: its outcomes, arms and time unit."""
    from livingmeta import plan, tables
    from livingmeta.extraction.curves import page
    from livingmeta.extraction.quotes import check, held_pages
    from livingmeta.run import digests
    from livingmeta.screening import fulltexts
    from livingmeta.screening.decisions import by_name

    studies = tables.read(paths["studies"], "extraction/studies")
    records = tables.read(paths["records"], "screening/records")
    files, _ = fulltexts.files_of(held, by_name(records))
    included = studies[studies["status"] == "included"]
    found = held_pages.of_studies(check.of_studies(included, files), digests.digest)
    for line in found.told:
        say(line)
    say(f"{len(found.pages)} pages of held PDFs may hold a figure")
    html = page.render(
        studies,
        title=title,
        outcomes=plan.outcomes(protocol["outcomes"]),
        arms=plan.arms(protocol["arms"]),
        time_unit=protocol["time_unit"],
        pages=found.pages,
        told=found.told,
    )
    tables.write_text(html, out["page"])


if __name__ == "__main__":
    named = dict(snakemake.input.items())
    held = named.pop("held", [])
    record.of(
        snakemake,
        lambda say: main(
            named,
            [held] if isinstance(held, str) else held,
            dict(snakemake.output.items()),
            snakemake.params.title,
            snakemake.params.protocol,
            say,
        ),
    )
