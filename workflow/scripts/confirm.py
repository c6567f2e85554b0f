"""Compute each result a second time, by statsmodels, and hold the two against each other."""

from livingmeta.run import record


def main(paths: dict, out, asked: dict, say):
    """`paths`: path by table; `out`: the path to write; `asked`: the syntheses."""
    from livingmeta import plan, tables
    from livingmeta.judgement import risk_of_bias
    from livingmeta.pooling.second_opinion import compare, confirmed

    syntheses = plan.syntheses(asked)
    judged = tables.read(paths["risk_of_bias"], "extraction/risk_of_bias")
    effects = tables.read(paths["effects"], "effects/effects")
    found = compare.of_all(
        risk_of_bias.beside(effects, judged, syntheses),
        tables.read(paths["studies"], "extraction/studies").drop(columns="n"),
        tables.read(paths["individual"], "extraction/individual"),
        syntheses,
        tables.read(paths["pooled"], "pooling/pooled"),
        tables.read(paths["moderators"], "pooling/moderators"),
    )
    compare.check(found)
    tables.write(found, out, "pooling/second_opinion")
    said = confirmed.confirmed(found)
    say(
        f"statsmodels has the same: {said.wholly} models, {said.given_tau2} more given their τ², "
        f"{said.coefficients} coefficients, {said.tests} tests, "
        f"{said.curves} hazard ratios of rebuilt curves"
    )


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            snakemake.output.second_opinion,
            snakemake.params.syntheses,
            say,
        ),
    )
