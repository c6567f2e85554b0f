"""Pack the review: checklists, references, a Cochrane data package, and an RO-Crate of it all."""

from pathlib import Path

from livingmeta import log, tables
from livingmeta.provenance import WORKFLOW
from livingmeta.report import archive, checklists, cochrane, crate, from_page, references

TABLES = (
    "screening/searches",
    "screening/records",
    "screening/included",
    "screening/excluded",
    "extraction/studies",
    "extraction/risk_of_bias",
    "living/certainty",
    "effects/effects",
    "pooling/pooled",
)
LOCK = WORKFLOW.parent / "requirements.txt"


def main(paths: dict, report, brought, made, to: dict, protocol: dict, say):
    """`paths`: path by table; `report`: report.html; `brought`: paths of all that people brought;
    `made`: of all results that belong in the crate; `to`: paths to write, by what they hold."""
    read = {}
    for schema in TABLES:
        name = schema.rsplit("/", 1)[1]
        read[name] = tables.read(paths[name], schema)
    lists, page = checklists.read(), Path(report).read_text(encoding="utf-8")
    holding = checklists.facts(protocol, read)
    answers = checklists.table(lists, holding, from_page.anchors(page))
    tables.write(answers, to["checklists"], "report/checklists")
    studies = dict(zip(read["included"]["record_id"], read["included"]["study_id"], strict=True))
    listed = references.of(read["records"], read["included"])
    tables.write_text(references.ris(listed, studies), to["references"])
    archive.write(cochrane.package(protocol, read), to["cochrane"])
    ours = [to["checklists"], to["references"], to["cochrane"]]
    inputs, outputs = crate.contents(brought), crate.contents([*made, *ours])
    described = crate.metadata(
        protocol["review"],
        inputs,
        outputs,
        searched_to=max(read["searches"]["searched_on"], default=""),
        lock=LOCK.read_bytes() if LOCK.exists() else b"",
        commit=crate.commit(WORKFLOW),
    )
    archive.write(crate.bundle(described, {**inputs, **outputs}), to["crate"])
    owed = int((answers["state"] != "answered").sum())
    say(f"{len(inputs)} files brought and {len(outputs)} made")
    say(f"{owed} of {len(answers)} items of the checklists still want something of the authors")


if __name__ == "__main__":
    with log.to(snakemake.log[0]) as say:
        main(
            dict(snakemake.input.items()),
            snakemake.input.report,
            [*snakemake.input.raw, snakemake.input.config],
            snakemake.input.made,
            {k: v for k, v in snakemake.output.items() if k != "done"},
            snakemake.params.protocol,
            say,
        )
