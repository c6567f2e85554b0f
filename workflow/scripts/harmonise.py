"""Bring each study to the effect that a synthesis asks for, by the best route it allows."""

from collections import Counter

from livingmeta.run import record


def main(studies, outcomes, bias, curves, out: dict, asked: dict, protocol: dict, say):
    """`studies`, `outcomes`, `bias`: paths of the extraction stage; `curves`: paths of digitised
    curves; `out`: paths to write; `asked`: the `syntheses` and the `courses`; `protocol`: the slice
    of the protocol that matters here."""
    # Here, since a job that is spared need not load them.
    import pandas as pd

    from livingmeta import plan, tables
    from livingmeta.effects import course, disagreements, harmonise
    from livingmeta.extraction import filters
    from livingmeta.extraction.curves import read
    from livingmeta.judgement import risk_of_bias

    printed = tables.read(outcomes, "extraction/outcomes")
    traits = tables.read(studies, "extraction/studies")
    until = protocol["extraction"]["until_settled"]
    drawings = read.read(curves, protocol["time_unit"], protocol["outcomes"])
    drawn = read.rebuild_all(drawings, printed, until)
    joins = plan.joins(plan.arms(protocol["arms"]))
    syntheses, courses = asked["syntheses"], plan.syntheses(asked["courses"])
    asked_of = plan.syntheses(syntheses)
    judged = tables.read(bias, "extraction/risk_of_bias")
    risk = risk_of_bias.words(judged, {**asked_of, **courses})
    effects, unusable, routes, used = harmonise.harmonise(
        printed,
        traits,
        asked_of,
        protocol["arms"],
        plan.outcomes(protocol["outcomes"]),
        drawn.curves,
        until,
        joins,
        risk,
        drawn.waiting,
    )
    intervals = course.intervals(
        printed, traits, courses, drawn.curves, until, joins, risk, drawn.waiting
    )
    for name in courses:
        mine = intervals[intervals["synthesis"] == name]
        aside = mine[mine["share"].isna()]
        usable = mine["study_id"].nunique() - len(aside)
        say(f"{name}: {usable} studies with survival across times, {len(aside)} set aside")
    for name in syntheses:
        usable = (effects["synthesis"] == name).sum()
        aside = (unusable["synthesis"] == name).sum()
        say(f"{name}: {usable} usable, {aside} set aside with the reason")
    told = pd.concat(t[["synthesis", "study_id"]] for t in (effects, unusable, intervals))
    include = {name: of.include for name, of in {**asked_of, **courses}.items()}
    by_name = told.groupby("synthesis")["study_id"].agg(set).to_dict()
    filtered = filters.all_kept_out(traits, include, risk, by_name)
    for name, count in Counter(filtered["synthesis"]).items():
        say(f"{name}: {count} kept out by what it includes")
    apart = disagreements.disagreements(routes)
    say(f"{len(apart)} routes that differ from the chosen one by more than their errors allow")
    for row in apart.itertuples():
        say(f"{row.synthesis}, {row.study_id}: {row.message}")
    tables.write(effects, out["effects"], "effects/effects")
    tables.write(routes, out["routes"], "effects/routes")
    tables.write(used, out["used"], "effects/used")
    tables.write(unusable, out["unusable"], "effects/unusable")
    tables.write(intervals, out["intervals"], "effects/intervals")
    tables.write(filtered, out["filtered"], "effects/filtered")
    tables.write(apart, out["disagreements"], "effects/disagreements")


if __name__ == "__main__":
    out = {name: path for name, path in snakemake.output.items() if name != "done"}
    record.of(
        snakemake,
        lambda say: main(
            snakemake.input.studies,
            snakemake.input.outcomes,
            snakemake.input.risk_of_bias,
            snakemake.input.get("curves", []),
            out,
            {"syntheses": snakemake.params.syntheses, "courses": snakemake.params.courses},
            snakemake.params.protocol,
            say,
        ),
    )
