"""Pooling: the effects of each synthesis under the models of the protocol.

Reads results/effects/, results/extraction/ and config/registered/; writes results/pooling/.
"""

from livingmeta.living.registered import prespecified

asked(
    "pool",
    after=["harmonise"],
    protocol={
        "outcomes": protocol.each(config["outcomes"], "kind", "good"),
        "baseline_survival": config["report"]["baseline_survival"],
    },
    syntheses=protocol.each(
        SYNTHESES,
        *("outcome", "arms", "time", "include"),
        *("measure", "other_measures", "narrative", "model", "rules", "level"),
        *("sensitivity", "subgroups", "subgroup_labels", "moderators", "several"),
    ),
    courses=protocol.each(config["courses"], "outcome", "arms", "include", "model"),
    registered=digests.content(REGISTERED),
    # Against what was registered; where nothing was there is nothing to compare.
    present=prespecified.deciding(config) if REGISTERED else {},
)


rule pool:
    """Pool the effects of every synthesis and write down each guard rail that fired."""
    input:
        done=before("pool"),
        effects="results/effects/effects.csv",
        unusable="results/effects/unusable.csv",
        studies="results/extraction/studies.csv",
        risk_of_bias="results/extraction/risk_of_bias.csv",
        individual="results/extraction/individual.csv",
        intervals="results/effects/intervals.csv",
        registered=brought(REGISTERED),
    output:
        pooled=told("results/pooling/pooled.csv", "The whole review", table="every model"),
        influence=update("results/pooling/influence.csv"),
        cumulative=update("results/pooling/cumulative.csv"),
        gosh=update("results/pooling/gosh.csv"),
        small_study=update("results/pooling/small_study.csv"),
        moderators=update("results/pooling/moderators.csv"),
        predicted=update("results/pooling/predicted.csv"),
        decisions=update("results/pooling/decisions.csv"),
        absolute=update("results/pooling/absolute.csv"),
        narrative=update("results/pooling/narrative.csv"),
        over_time=update("results/pooling/over_time.csv"),
        course=update("results/pooling/course.csv"),
        courses=update("results/pooling/courses.csv"),
        registrations=update("results/pooling/registrations.csv"),
        prespecified=update("results/pooling/prespecified.csv"),
        done=proof("pool"),
    log:
        "results/logs/pool.log",
    benchmark:
        "results/benchmarks/pool.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["pool"],
    script:
        "../scripts/pool.py"


asked(
    "confirm",
    after=["pool"],
    syntheses=protocol.each(
        SYNTHESES,
        *("outcome", "arms", "time", "include"),
        *("measure", "other_measures", "narrative", "model", "rules", "level"),
        *("sensitivity", "subgroups", "subgroup_labels", "moderators", "several"),
    ),
)


rule confirm:
    """Compute each result a second time, by statsmodels, and hold the two against each other."""
    input:
        done=before("confirm"),
        effects="results/effects/effects.csv",
        studies="results/extraction/studies.csv",
        risk_of_bias="results/extraction/risk_of_bias.csv",
        individual="results/extraction/individual.csv",
        pooled="results/pooling/pooled.csv",
        moderators="results/pooling/moderators.csv",
    output:
        second_opinion=update("results/pooling/second_opinion.csv"),
        done=proof("confirm"),
    log:
        "results/logs/confirm.log",
    benchmark:
        "results/benchmarks/confirm.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["confirm"],
    script:
        "../scripts/confirm.py"
