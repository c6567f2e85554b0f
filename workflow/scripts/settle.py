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
    "extraction/curve_readings",
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
)


def main(paths: dict, sentinel, brought, asked: dict, joins: dict, out, say):
    """`paths`: path by table; `sentinel`: [path of people's answers to warnings] or []; `brought`:
    the files under data/raw; `asked`: outcome and arms of each synthesis; `joins`: the parts of
    arms made of others; `out`: the path to write."""
    from livingmeta import tables
    from livingmeta.living import to_settle

    found = {name.rsplit("/", 1)[1]: name for name in TABLES}
    read = {name: tables.read(paths[name], schema) for name, schema in found.items()}
    read["sentinel"] = tables.brought(sentinel, "data/sentinel")
    table = to_settle.everything(read, brought, asked, joins)
    tables.write(table, out, "to_settle")
    for weight in ("result", "text"):
        say(f"{(table['weight'] == weight).sum()} of weight {weight}")


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            snakemake.input.get("sentinel", []),
            snakemake.params.brought,
            snakemake.params.asked,
            snakemake.params.joins,
            snakemake.output.table,
            say,
        ),
    )
