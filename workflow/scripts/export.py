"""Write what other programs take: one workbook, searches, references, data packages, metafor."""

from collections.abc import Mapping

from livingmeta.run import cache, record

TABLES = (
    "to_settle",
    "screening/searches",
    "screening/records",
    "screening/included",
    "screening/excluded",
    "extraction/studies",
    "extraction/outcomes",
    "extraction/risk_of_bias",
    "living/certainty",
    "judgement/summary_of_findings",
    "judgement/rob_me",
    "effects/effects",
    "effects/unusable",
    "pooling/pooled",
    "pooling/influence",
    "pooling/moderators",
    "pooling/decisions",
)
PRINTED = 600  # pixels an inch of what goes to a printer


def main(paths: dict, to: dict, protocol: dict, pictures, say):
    """`paths`: path by table, of flow and changes, and of figures; `to`: paths to write, by what
    they hold; `pictures`: PNGs of before, cache.Kept."""
    from livingmeta import files, plan, tables
    from livingmeta.judgement import risk_of_bias
    from livingmeta.package import citation, cochrane, metafor, references, results_book
    from livingmeta.report import strategies

    read = {}
    for schema in TABLES:
        name = schema.rpartition("/")[2]
        read[name] = tables.read(paths[name], schema)
    asked = plan.Protocol.of(protocol)
    studies = dict(zip(read["included"]["record_id"], read["included"]["study_id"], strict=True))
    listed = references.of(read["records"], read["included"])
    tables.write_text(references.ris(listed, studies), to["references"])
    files.write(cochrane.package(asked, read), to["cochrane"])
    judged = risk_of_bias.beside(read["effects"], read["risk_of_bias"], asked.syntheses)
    traits = read["studies"].drop(columns="n")
    sets, results = metafor.of_all(
        judged, traits, asked.syntheses, read["pooled"], read["unusable"]
    )
    tables.write(sets, to["effects_for_r"], metafor.EFFECTS)
    tables.write(results, to["results_for_r"], metafor.RESULTS)
    tables.write_text(metafor.SCRIPT.read_text(encoding="utf-8"), to["in_r"])
    tables.write_text(citation.cff(asked.review), to["citation"])
    _flows(paths, to, asked.screening.reasons, pictures)
    tables.write(strategies.table(read["searches"]), to["searches"], "report/prisma_s")
    by_schema = {schema: read[schema.rpartition("/")[2]] for schema in TABLES}
    files.write(results_book.book(by_schema, asked.syntheses), to["book"])
    say(f"{len(results)} results for metafor, of {len(sets['set'].unique())} sets of effects")


def _flows(paths: dict, to: dict, reasons: Mapping[str, str], pictures):
    """The flow diagrams for a printer, and their counts for another program to draw."""
    from livingmeta import files, tables
    from livingmeta.figures import drawn as drawings
    from livingmeta.package import prisma2020
    from livingmeta.report.document import typst

    drawn = drawings.read([paths["drawn"], paths["accumulated"]], paths["flows"])
    for path, figure in zip(to["flows"], drawn.values(), strict=True):
        files.write(pictures.made(typst.png, figure.svg, figure.wide, PRINTED), path)
    pictures.tidy()
    counts = [prisma2020.of_review(tables.read_json(paths["flow"]), reasons)]
    if len(drawn) > 1:
        counts.append(prisma2020.of_update(tables.read_json(paths["changes"]), reasons))
    for path, boxes in zip(to["boxes"], counts, strict=True):
        tables.write(boxes, path, "report/prisma2020")


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            {k: v for k, v in snakemake.output.items() if k != "done"},
            snakemake.params.protocol,
            cache.Kept(".snakemake/kept/export", snakemake.params.code),
            say,
        ),
    )
