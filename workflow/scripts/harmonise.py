"""Bring each study to the effect that a synthesis asks for, by the best route it allows."""

from livingmeta.run import record


def main(studies, outcomes, curves, out: dict, syntheses: dict, protocol: dict, say):
    """`studies`, `outcomes`: paths of the extraction stage; `curves`: paths of digitised curves;
    `out`: paths to write; `syntheses`, `protocol`: the slices of the protocol that matter here."""
    # Here, since a job that is spared need not load them.
    from livingmeta import plan, tables
    from livingmeta.effects import disagreements, harmonise
    from livingmeta.extraction.curves import read

    printed = tables.read(outcomes, "extraction/outcomes")
    until = protocol["extraction"]["until_settled"]
    effects, unusable, routes, used = harmonise.harmonise(
        printed,
        tables.read(studies, "extraction/studies"),
        plan.syntheses(syntheses),
        protocol["arms"],
        plan.outcomes(protocol["outcomes"]),
        read.rebuild_all(read.read(curves, protocol["time_unit"]), printed, until),
        until,
        plan.joins(plan.arms(protocol["arms"])),
    )
    for name in syntheses:
        usable = (effects["synthesis"] == name).sum()
        aside = (unusable["synthesis"] == name).sum()
        say(f"{name}: {usable} usable, {aside} set aside with the reason")
    apart = disagreements.disagreements(routes)
    say(f"{len(apart)} routes that differ from the chosen one by more than their errors allow")
    for row in apart.itertuples():
        say(f"{row.synthesis}, {row.study_id}: {row.message}")
    tables.write(effects, out["effects"], "effects/effects")
    tables.write(routes, out["routes"], "effects/routes")
    tables.write(used, out["used"], "effects/used")
    tables.write(unusable, out["unusable"], "effects/unusable")
    tables.write(apart, out["disagreements"], "effects/disagreements")


if __name__ == "__main__":
    out = {name: path for name, path in snakemake.output.items() if name != "done"}
    record.of(
        snakemake,
        lambda say: main(
            snakemake.input.studies,
            snakemake.input.outcomes,
            snakemake.input.get("curves", []),
            out,
            snakemake.params.syntheses,
            snakemake.params.protocol,
            say,
        ),
    )
