"""Make the page on which curves are digitised."""

from livingmeta.run import record


def main(studies, out: dict, title: str, protocol: dict):
    """`studies`: path of that table; `out`: path by file to write; `title`: of the review;
    `protocol`: its outcomes, arms and time unit."""
    from livingmeta import plan, tables
    from livingmeta.extraction.curves import page

    html = page.render(
        tables.read(studies, "extraction/studies"),
        title=title,
        outcomes=plan.outcomes(protocol["outcomes"]),
        arms=plan.arms(protocol["arms"]),
        time_unit=protocol["time_unit"],
    )
    tables.write_text(html, out["page"])


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            snakemake.input.studies,
            dict(snakemake.output.items()),
            snakemake.params.title,
            snakemake.params.protocol,
        ),
    )
