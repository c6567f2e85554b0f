"""Pack the review: an index, checklists, the works it names, and one archive of everything."""

from livingmeta.run import record
from livingmeta.run.digests import WORKFLOW

TABLES = (
    "to_settle",
    "screening/searches",
    "screening/machines",
    "extraction/risk_of_bias",
    "extraction/contacts",
    "living/certainty",
    "judgement/rob_me",
    "pooling/registrations",
    "living/amendments",
)
LOCK = WORKFLOW.parent / "requirements.txt"


def main(paths: dict, brought, made, to: dict, protocol: dict, say):
    """`paths`: path by table, and of the report's content; `brought`: paths of all that people
    brought; `made`: of all results that belong in the crate; `to`: paths to write, by what they
    hold."""
    from livingmeta import files, plan, tables
    from livingmeta.package import answers_to_checklists, crate, references
    from livingmeta.prose import checklists, texts
    from livingmeta.report import content_file

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
    named = tables.read_json(paths["references"])
    for path in to["works"]:
        if path.endswith(".json"):
            tables.write_json(named, path)
        else:
            made_of = references.bibtex if path.endswith(".bib") else references.works_ris
            tables.write_text(made_of(named), path)
    ours = [to["checklists"], *to["works"]]
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


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            [*snakemake.input.raw, *snakemake.input.config, *snakemake.input.get("registered", [])],
            snakemake.input.made,
            {k: v for k, v in snakemake.output.items() if k != "done"},
            snakemake.params.protocol,
            say,
        ),
    )
