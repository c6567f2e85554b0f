"""Pool the effects of every synthesis and write down each guard rail that fired."""

import json

from livingmeta.run import record

TABLES = {
    "pooled": "pooling/pooled",
    "influence": "pooling/influence",
    "cumulative": "pooling/cumulative",
    "gosh": "pooling/gosh",
    "small_study": "pooling/small_study",
    "moderators": "pooling/moderators",
    "predicted": "pooling/predicted",
    "decisions": "pooling/decisions",
}


def main(paths: dict, out: dict, asked: dict, protocol: dict, plan_of: dict, say):
    """`paths`: of effects, unusable, studies, risk_of_bias, individual, intervals; `out`: path by
    table; `asked`: the `syntheses` and the `courses`; `protocol`: the outcomes and the baselines
    stated by it; `plan_of`: paths of the registrations, `registered`, and what of the `present`
    protocol is held against them."""
    # Here, since a job that is spared need not load them.
    import pandas as pd

    from livingmeta import plan, tables
    from livingmeta.effects.several import of_studies
    from livingmeta.errors import InternalError
    from livingmeta.judgement import risk_of_bias
    from livingmeta.living.registered import prespecified, registrations
    from livingmeta.pooling import absolute_effects, course, narrative, over_time, synthesis
    from livingmeta.words import guard_rails

    def joined(found: list) -> pd.DataFrame:
        """Tables of the same columns one below the other; the first stands for none."""
        return pd.concat([part for part in found if len(part)] or found[:1], ignore_index=True)

    rows = tables.read(paths["effects"], "effects/effects")
    traits = tables.read(paths["studies"], "extraction/studies").drop(columns="n")
    syntheses, courses = asked["syntheses"], plan.syntheses(asked["courses"])
    asked_of = plan.syntheses(syntheses)
    judged = tables.read(paths["risk_of_bias"], "extraction/risk_of_bias")
    rows = risk_of_bias.beside(rows, judged, asked_of)
    aside = tables.read(paths["unusable"], "effects/unusable")
    aside = aside[aside["empty"]]
    strangers = set(rows["synthesis"]) - set(syntheses)
    if strangers:
        raise InternalError(f"effects of syntheses that nobody asked for: {sorted(strangers)}")
    parts = {name: [tables.empty(schema)] for name, schema in TABLES.items()}
    outcomes, told = plan.outcomes(protocol["outcomes"]), [tables.empty("pooling/narrative")]
    for name, one in asked_of.items():
        mine = rows[rows["synthesis"] == name].merge(traits, on="study_id", validate="m:1")
        empty = aside[aside["synthesis"] == name].merge(traits, on="study_id", validate="m:1")
        pooled = synthesis.pool(mine, name, one, empty)
        for table in TABLES:
            parts[table].append(pooled[table])
        mine = of_studies(mine)
        say(f"{name}: {len(mine)} studies, {len(pooled['pooled'])} models")
        told.append(narrative.rows(mine, name, one, outcomes[one.outcome]))
    rows = of_studies(rows)
    done = {table: joined(found) for table, found in parts.items()}
    done["pooled"]["primary"] = done["pooled"]["primary"].astype(bool)
    curve, rising = over_time.over_time(done["pooled"], rows, asked_of, outcomes)
    spans = tables.read(paths["intervals"], "effects/intervals")
    points, whole, few = course.course(spans, courses)
    tables.write(points, out["course"], "pooling/course")
    tables.write(whole, out["courses"], "pooling/courses")
    rising += few
    for row in rising:
        said = guard_rails.phrase(row["rule"], json.loads(row["parameters"]))
        say(f"{row['synthesis']}: {said.because}")
    if rising:
        done["decisions"] = joined([done["decisions"], pd.DataFrame(rising)])
    registered = registrations.read(plan_of["registered"])
    found = prespecified.rows(registered, plan_of["present"])
    _mark(done, found)
    for name, kept, schema in (
        ("registrations", registered, "pooling/registrations"),
        ("prespecified", found, "pooling/prespecified"),
    ):
        shown = pd.DataFrame(kept, columns=tables.columns(schema), dtype=object)
        tables.write(shown, out[name], schema)
    for table, schema in TABLES.items():
        tables.write(done[table], out[table], schema)
    tables.write(joined(told), out["narrative"], "pooling/narrative")
    tables.write(curve, out["over_time"], "pooling/over_time")
    scales = absolute_effects.absolute_effects(
        done["pooled"],
        rows,
        asked_of,
        outcomes,
        protocol["baseline_survival"],
        tables.read(paths["individual"], "extraction/individual"),
    )
    tables.write(scales, out["absolute"], "pooling/absolute")


def _mark(done: dict, found: list):
    """Put beside each result and test what became of its plan; `found`: of prespecified.csv."""
    from livingmeta.living.registered import prespecified

    of, of_test = prespecified.mark_of(found), prespecified.mark_of_test(found)
    for table, mark, columns in (
        ("pooled", of, ["synthesis", "model", "subgroup", "primary"]),
        ("moderators", of_test, ["synthesis", "analysis", "moderator"]),
    ):
        rows = done[table][columns].itertuples(index=False, name=None)
        done[table]["prespecified"] = [mark(*row) for row in rows]


if __name__ == "__main__":
    out = {name: path for name, path in snakemake.output.items() if name != "done"}
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            out,
            {"syntheses": snakemake.params.syntheses, "courses": snakemake.params.courses},
            snakemake.params.protocol,
            {
                "registered": list(snakemake.input.get("registered", [])),
                "present": snakemake.params.present,
            },
            say,
        ),
    )
