"""Pack the review: an index, one workbook, checklists, searches, references, packages of data."""

from collections.abc import Mapping

from livingmeta.run import cache, record
from livingmeta.run.digests import WORKFLOW

TABLES = (
    "to_settle",
    "screening/searches",
    "screening/records",
    "screening/included",
    "screening/excluded",
    "screening/machines",
    "extraction/studies",
    "extraction/outcomes",
    "extraction/risk_of_bias",
    "extraction/contacts",
    "living/certainty",
    "judgement/summary_of_findings",
    "judgement/rob_me",
    "effects/effects",
    "effects/unusable",
    "pooling/pooled",
    "pooling/influence",
    "pooling/moderators",
    "pooling/decisions",
    "pooling/registrations",
    "living/amendments",
)
PRINTED = 600  # pixels an inch of what goes to a printer
LOCK = WORKFLOW.parent / "requirements.txt"


def main(paths: dict, brought, made, to: dict, protocol: dict, pictures, say):
    """`paths`: path by table, and of the report's content; `brought`: paths of all that people
    brought; `made`: of all results that belong in the crate; `to`: paths to write, by what they
    hold; `pictures`: PNGs of before, kept.Kept."""
    from livingmeta import files, plan, tables
    from livingmeta.judgement import risk_of_bias
    from livingmeta.package import (
        answers_to_checklists,
        citation,
        cochrane,
        crate,
        metafor,
        references,
        results_book,
    )
    from livingmeta.prose import checklists, texts
    from livingmeta.report import content_file, strategies

    read = {}
    for schema in TABLES:
        name = schema.rpartition("/")[2]
        read[name] = tables.read(paths[name], schema)
    asked = plan.Protocol.of(protocol)
    lists, holding = checklists.read(), checklists.facts(asked, read)
    document = content_file.to_document(tables.read_json(paths["content"]))
    written = texts.read(path for path in brought if f"/{texts.FOLDER}/" in f"/{path}")
    answers = answers_to_checklists.table(lists, holding, set(document.anchors), written)
    tables.write(answers, to["checklists"], "report/checklists")
    studies = dict(zip(read["included"]["record_id"], read["included"]["study_id"], strict=True))
    listed = references.of(read["records"], read["included"])
    tables.write_text(references.ris(listed, studies), to["references"])
    named = tables.read_json(paths["references"])
    for path in to["works"]:
        if path.endswith(".json"):
            tables.write_json(named, path)
        else:
            made_of = references.bibtex if path.endswith(".bib") else references.works_ris
            tables.write_text(made_of(named), path)
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
    ours = [
        to["book"],
        *(to["checklists"], to["references"], to["searches"], to["cochrane"], to["citation"]),
        *(to["effects_for_r"], to["results_for_r"], to["in_r"]),
        *(*to["works"], *to["flows"], *to["boxes"]),
    ]
    inputs, outputs = crate.places(brought), crate.places([*made, *ours])
    described = crate.metadata(
        asked.review,
        inputs,
        outputs,
        searched_to=max(read["searches"]["searched_on"], default=""),
        lock=LOCK.read_bytes() if LOCK.exists() else b"",
        commit=crate.commit(WORKFLOW),
    )
    files.write(crate.bundle(described, {**inputs, **outputs}), to["crate"])
    _index(paths, [*made, *ours, to["crate"]], to["index"], asked, read["to_settle"])
    owed = int((answers["state"] != "answered").sum())
    say(f"{len(inputs)} files brought and {len(outputs)} made")
    say(f"{owed} of {len(answers)} items of the checklists still want something of the authors")


def _index(paths: dict, made, to, asked, waiting):
    """The page that opens every file; a figure with nothing to draw is not listed. `waiting`: what
    waits for people."""
    from livingmeta import tables
    from livingmeta.figures import drawn as drawings
    from livingmeta.package import index
    from livingmeta.words import settling

    figures = [path for path in made if path.endswith(".svg")]
    drawn = drawings.read([paths["drawn"], paths["accumulated"]], figures)
    bare = [name for name, figure in drawn.items() if figure.bare()]
    titles = {name: synthesis.title for name, synthesis in asked.syntheses.items()}
    wait = {*waiting["kind"]}
    desks = [path for path, kinds in settling.ON_DESK.items() if wait & {*kinds}]
    page = index.page(asked.review.title, made, bare, titles, desks=desks)
    tables.write_text(page, to)


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
            [*snakemake.input.raw, *snakemake.input.config, *snakemake.input.get("registered", [])],
            snakemake.input.made,
            {k: v for k, v in snakemake.output.items() if k != "done"},
            snakemake.params.protocol,
            cache.Kept(".snakemake/kept/package", snakemake.params.code),
            say,
        ),
    )
