"""List what waits for a person, from the tables of all stages."""

from livingmeta.run import record

TABLES = (
    "screening/searches",
    "screening/records",
    "screening/doubtful",
    "screening/unsettled",
    "screening/rejects",
    "screening/included",
    "screening/awaiting",
    "screening/conflicts",
    "screening/unmatched",
    "screening/machines",
    "screening/fulltexts",
    "extraction/studies",
    "extraction/outcomes",
    "extraction/study_fields",
    "extraction/risk_of_bias",
    "extraction/problems",
    "extraction/overlaps",
    "extraction/quotes",
    "effects/effects",
    "effects/used",
    "effects/unusable",
    "effects/intervals",
    "effects/disagreements",
    "pooling/pooled",
    "pooling/decisions",
    "living/certainty",
    "judgement/to_judge",
    "judgement/rob_me",
)
# What people, and searches, bring beside the exports: [path] by table, or [].
RAW = ("data/sentinel", "data/states", "data/known_items")


def main(paths: dict, raw: dict, prose, params, out, say):
    """`paths`: path by table; `raw`: [path] by table of RAW, or []; `prose`: paths of the texts of
    people. `params`: `brought`, the files under data/raw; `asked`, outcome and arms of each
    synthesis; `joins`, the parts of arms made of others; `protocol`, what the checklists ask of
    it. `out`: the path to write."""
    from livingmeta import plan, tables
    from livingmeta.living import checklists, to_settle
    from livingmeta.prose import texts

    found = {name.rsplit("/", 1)[1]: name for name in TABLES}
    read = {name: tables.read(paths[name], schema) for name, schema in found.items()}
    for schema in RAW:
        name = schema.rsplit("/", 1)[1]
        read[name] = tables.brought(raw[name], schema)
    written = texts.read(prose)
    holding = checklists.facts(plan.Protocol.of(params.protocol), read)
    owed = checklists.owed(checklists.read(), holding, written)
    table = to_settle.everything(read, params.brought, params.asked, params.joins, owed)
    tables.write(table, out, "to_settle")
    for weight in ("result", "text"):
        say(f"{(table['weight'] == weight).sum()} of weight {weight}")


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            {
                "sentinel": snakemake.input.get("sentinel", []),
                "states": snakemake.input.get("states", []),
                "known_items": snakemake.input.get("known_items", []),
            },
            list(snakemake.input.get("prose", [])),
            snakemake.params,
            snakemake.output.table,
            say,
        ),
    )
