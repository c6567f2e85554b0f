"""Draw the flow diagram, and a forest and a funnel plot of every synthesis."""

from pathlib import Path

from livingmeta import log, tables
from livingmeta.report import flow as flow_diagram
from livingmeta.report import forest, funnel


def main(flow, studies, effects, pooled, figures, syntheses: dict, protocol: dict, say):
    """`flow`, `studies`, `effects`, `pooled`: paths; `figures`: the paths to draw to."""
    traits = tables.read(studies, "extraction/studies").drop(columns="n")
    rows = tables.read(effects, "effects/effects").merge(traits, on="study_id", validate="m:1")
    results = tables.read(pooled, "pooling/pooled")
    drawn = {"flow": flow_diagram.draw(tables.read_json(flow), protocol["reasons"])}
    for name, synthesis in syntheses.items():
        mine = rows[rows["synthesis"] == name]
        models = results[results["synthesis"] == name]
        outcome = protocol["outcomes"][synthesis["outcome"]]
        drawn[f"forest-{name}"] = forest.draw(
            mine, models, synthesis, arms=protocol["arms"], outcome=outcome
        )
        drawn[f"funnel-{name}"] = funnel.draw(mine, models, synthesis)
    for path in figures:
        tables.write_text(drawn.pop(Path(path).stem), path)
        say(f"drew {path}")
    if drawn:
        raise AssertionError(f"figures that nobody asked for: {sorted(drawn)}")


if __name__ == "__main__":
    with log.to(snakemake.log[0]) as say:
        main(
            snakemake.input.flow,
            snakemake.input.studies,
            snakemake.input.effects,
            snakemake.input.pooled,
            list(snakemake.output.figures),
            snakemake.params.syntheses,
            snakemake.params.protocol,
            say,
        )
