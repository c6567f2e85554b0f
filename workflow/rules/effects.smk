"""Effects: from whatever a paper prints to one comparable number a study.

Reads results/extraction/; writes results/effects/.
"""

asked(
    "harmonise",
    after=["extract"],
    raw=digests.content(CURVES),
    protocol=protocol.part(config, "outcomes", "arms", "time_unit", "extraction"),
    syntheses=protocol.each(
        SYNTHESES,
        *("outcome", "measure", "other_measures", "arms", "time", "include", "routes"),
        *("several", "correlation", "shared_control", "zeros", "rules"),
    ),
    courses=protocol.each(
        config["courses"], "outcome", "arms", "time", "include", "shared_control"
    ),
)


rule harmonise:
    """Bring each study to the effect that a synthesis asks for, by the best route it allows."""
    input:
        done=before("harmonise"),
        studies="results/extraction/studies.csv",
        outcomes="results/extraction/outcomes.csv",
        risk_of_bias="results/extraction/risk_of_bias.csv",
        curves=brought(CURVES),
    output:
        effects=update("results/effects/effects.csv"),
        routes=update("results/effects/routes.csv"),
        used=update("results/effects/used.csv"),
        unusable=update("results/effects/unusable.csv"),
        filtered=update("results/effects/filtered.csv"),
        disagreements=update("results/effects/disagreements.csv"),
        intervals=update("results/effects/intervals.csv"),
        done=proof("harmonise"),
    log:
        "results/logs/harmonise.log",
    benchmark:
        "results/benchmarks/harmonise.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["harmonise"],
    script:
        "../scripts/harmonise.py"
