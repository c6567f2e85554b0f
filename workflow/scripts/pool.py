"""Pool the effects of every synthesis and write down each guard rail that fired."""

import pandas as pd

from livingmeta import log, tables
from livingmeta.pooling import synthesis

TABLES = {
    "pooled": "pooling/pooled",
    "influence": "pooling/influence",
    "small_study": "pooling/small_study",
    "moderators": "pooling/moderators",
    "decisions": "pooling/decisions",
}


def main(effects, studies, out: dict, syntheses: dict, say):
    """`effects`, `studies`: paths; `out`: path by table; `syntheses`: the models asked for."""
    rows = tables.read(effects, "effects/effects")
    traits = tables.read(studies, "extraction/studies").drop(columns="n")
    strangers = set(rows["synthesis"]) - set(syntheses)
    if strangers:
        raise AssertionError(f"effects of syntheses that nobody asked for: {sorted(strangers)}")
    parts = {name: [tables.empty(schema)] for name, schema in TABLES.items()}
    for name, asked in syntheses.items():
        mine = rows[rows["synthesis"] == name].merge(traits, on="study_id", validate="1:1")
        pooled = synthesis.pool(mine, name, asked)
        for table in TABLES:
            parts[table].append(pooled[table])
        say(f"{name}: {len(mine)} studies, {len(pooled['pooled'])} models")
    for table, schema in TABLES.items():
        filled = [part for part in parts[table] if len(part)] or parts[table][:1]
        tables.write(pd.concat(filled, ignore_index=True), out[table], schema)


if __name__ == "__main__":
    with log.to(snakemake.log[0]) as say:
        main(
            snakemake.input.effects,
            snakemake.input.studies,
            dict(snakemake.output.items()),
            snakemake.params.syntheses,
            say,
        )
