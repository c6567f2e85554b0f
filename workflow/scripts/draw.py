"""Draw the flow diagram, the figures of every synthesis, and survival curves."""

from functools import partial
from pathlib import Path

from livingmeta.run import cache, record


def main(
    paths: dict, curves, figures, facts, syntheses: dict, protocol: dict, drawings, threads, say
):
    """`paths`: of flow.json and the tables; `curves`: of digitised curves; `figures`: to draw to;
    `facts`: path of what stands beside them.

    `syntheses`, `protocol`: the slices of the protocol that matter here; `drawings`: what was drawn
    before, kept.Kept; `threads`: in how many processes to draw."""
    from livingmeta import plan, tables
    from livingmeta.effects.several import of_studies
    from livingmeta.errors import InternalError
    from livingmeta.extraction.curves import read
    from livingmeta.figures import (
        bubble,
        diagnostics,
        direction,
        estimators,
        forest,
        forest_table,
        funnel,
        labbe,
        overlay,
    )
    from livingmeta.figures import drawn as beside
    from livingmeta.figures import flow as flow_diagram
    from livingmeta.figures import over_time as summary_curve
    from livingmeta.figures import risk_of_bias as traffic_light
    from livingmeta.judgement import risk_of_bias
    from livingmeta.living.registered import prespecified
    from livingmeta.protocol import must_be_columns
    from livingmeta.words import language, measures

    traits = tables.read(paths["studies"], "extraction/studies").drop(columns="n")
    rows = tables.read(paths["effects"], "effects/effects").merge(
        traits, on="study_id", validate="m:1"
    )
    wanted = {Path(path).stem for path in figures}
    judged = tables.read(paths["risk_of_bias"], "extraction/risk_of_bias")
    if len(traits):
        must_be_columns(protocol["forest"], traits)
    rows = risk_of_bias.beside(rows, judged, plan.syntheses(syntheses))
    used = tables.read(paths["used"], "effects/used")
    aside = tables.read(paths["unusable"], "effects/unusable")
    aside = aside[aside["empty"]].merge(traits, on="study_id", validate="m:1")
    results = tables.read(paths["pooled"], "pooling/pooled")
    tests = tables.read(paths["moderators"], "pooling/moderators")
    told = tables.read(paths["narrative"], "pooling/narrative")
    points = tables.read(paths["predicted"], "pooling/predicted")
    deletions = [
        tables.read(paths[table], schema)
        for table, schema in (
            ("influence", "pooling/influence"),
            ("cumulative", "pooling/cumulative"),
            ("gosh", "pooling/gosh"),
        )
    ]
    counts = tables.read_json(paths["flow"])
    plan_of = prespecified.read(tables.read(paths["prespecified"], "pooling/prespecified"))
    asked = {"flow": partial(flow_diagram.draw, counts, protocol["reasons"])}
    given = plan.Protocol.of(protocol)
    arms = given.arms
    for name, synthesis in plan.syntheses(syntheses).items():
        mine = rows[rows["synthesis"] == name]
        whole = of_studies(mine)
        behind = used[(used["synthesis"] == name) & used["used"]]
        models = results[results["synthesis"] == name]
        outcome = given.outcomes[synthesis.outcome]
        unit = measures.unit(synthesis.measure, outcome, given.time_unit)
        outcome = outcome.but(unit=unit)
        tested, said, left_out, steps, subsets = (
            table[table["synthesis"] == name] for table in (tests, told, *deletions)
        )
        risk = risk_of_bias.lights(judged, name, synthesis.outcome)
        asked[f"forest-{name}"] = partial(
            forest.draw,
            *(mine, models, tested, synthesis),
            arms=arms,
            outcome=outcome,
            used=behind,
            risk=risk,
            empty=aside[aside["synthesis"] == name],
            columns=protocol["forest"],
            prespecified=prespecified.mark_of_result(plan_of, name),
        )
        if f"risk_of_bias-{name}" in wanted:
            holds = risk_of_bias.of_synthesis(judged, name, synthesis.outcome)
            result = forest_table.result_of(models)
            asked[f"risk_of_bias-{name}"] = partial(
                traffic_light.draw, whole, holds, result, synthesis
            )
        if f"bubble-{name}" in wanted:
            predicted = points[points["synthesis"] == name]
            asked[f"bubble-{name}"] = partial(
                bubble.draw, mine, predicted, tested, synthesis, outcome
            )
        if f"labbe-{name}" in wanted:
            asked[f"labbe-{name}"] = partial(labbe.draw, mine, models, synthesis, arms)
        asked[f"direction-{name}"] = partial(
            direction.draw, whole, said, synthesis, arms=arms, outcome=outcome
        )
        asked[f"funnel-{name}"] = partial(funnel.draw, mine, models, synthesis)
        asked[f"estimators-{name}"] = partial(estimators.draw, models, synthesis, outcome)
        asked[f"diagnostics-{name}"] = partial(
            diagnostics.draw, whole, left_out, steps, subsets, models, synthesis, outcome
        )
    asked["over_time"] = partial(
        summary_curve.draw,
        tables.read(paths["over_time"], "pooling/over_time"),
        arms=arms,
        outcomes=given.outcomes,
        time_unit=given.time_unit,
        course=tables.read(paths["course"], "pooling/course"),
    )
    spoken, names = protocol["language"], language.names_in([syntheses, protocol, *traits["label"]])
    asked = language.each_drawn(asked, spoken, names)
    drawn = drawings.each(asked, beside.pack, beside.unpack, threads)
    if curves:
        digitised = read.read(curves, protocol["time_unit"], given.outcomes)
        drawn["curves"] = language.drawn(
            *(spoken, names, overlay.draw),
            {one.file: one.points for one in digitised},
            tables.read(paths["individual"], "extraction/individual"),
            tables.read(paths["quality"], "extraction/curves"),
            tables.read(paths["outcomes"], "extraction/outcomes"),
            labels=dict(zip(traits["study_id"], traits["label"], strict=True)),
            asked=given,
        )
    for path in figures:
        tables.write_text(drawn[Path(path).stem].svg, path)
        say(f"drew {path}")
    if unasked := set(drawn) - wanted:
        raise InternalError(f"figures that nobody asked for: {sorted(unasked)}")
    tables.write_json(beside.facts(drawn), facts)
    drawings.tidy()


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            list(snakemake.input.get("curves", [])),
            list(snakemake.output.figures),
            snakemake.output.drawn,
            snakemake.params.syntheses,
            snakemake.params.protocol,
            cache.Kept(".snakemake/kept/draw", snakemake.params.code),
            snakemake.threads,
            say,
        ),
    )
