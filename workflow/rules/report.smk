"""Report: figures and one page that holds everything, from the tables of all stages.

Reads results/ and the protocol; writes results/figures/, results/report.html, results/numbers.json.
"""

FIGURES = [
    "results/figures/flow.svg",
    "results/figures/over_time.svg",
    *(["results/figures/curves.svg"] if CURVES else []),
    *collect(
        "results/figures/{kind}-{synthesis}.svg",
        kind=["forest", "funnel", "estimators", "diagnostics"],
        synthesis=SYNTHESES,
    ),
]


rule draw:
    """Draw the flow diagram, the figures of every synthesis, and survival curves."""
    input:
        done="results/logs/pool.done",
        flow="results/screening/flow.json",
        studies="results/extraction/studies.csv",
        effects="results/effects/effects.csv",
        pooled="results/pooling/pooled.csv",
        influence="results/pooling/influence.csv",
        cumulative="results/pooling/cumulative.csv",
        gosh="results/pooling/gosh.csv",
        over_time="results/pooling/over_time.csv",
        outcomes="results/extraction/outcomes.csv",
        individual="results/extraction/individual.csv",
        quality="results/extraction/curves.csv",
        curves=CURVES,
    output:
        figures=update(FIGURES),
        done=touch("results/logs/draw.done"),
    log:
        "results/logs/draw.log",
    benchmark:
        "results/benchmarks/draw.tsv"
    params:
        code=provenance.code("draw.py"),
        raw=provenance.content(CURVES),
        protocol={
            **protocol.part(config, "outcomes", "arms", "time_unit"),
            "reasons": config["screening"]["reasons"],
        },
        syntheses=protocol.each(
            SYNTHESES, "title", "outcome", "measure", "arms", "time", "subgroups"
        ),
    script:
        "../scripts/draw.py"


rule render:
    """Render the report and the page on changes, and every number that they print."""
    input:
        done=["results/logs/draw.done", "results/logs/compare.done"],
        searches="results/screening/searches.csv",
        records="results/screening/records.csv",
        duplicates="results/screening/duplicates.csv",
        doubtful="results/screening/doubtful.csv",
        rejects="results/screening/rejects.csv",
        included="results/screening/included.csv",
        excluded="results/screening/excluded.csv",
        awaiting="results/screening/awaiting.csv",
        conflicts="results/screening/conflicts.csv",
        agreement="results/screening/agreement.json",
        flow="results/screening/flow.json",
        studies="results/extraction/studies.csv",
        outcomes="results/extraction/outcomes.csv",
        risk_of_bias="results/extraction/risk_of_bias.csv",
        problems="results/extraction/problems.csv",
        curves="results/extraction/curves.csv",
        effects="results/effects/effects.csv",
        routes="results/effects/routes.csv",
        unusable="results/effects/unusable.csv",
        disagreements="results/effects/disagreements.csv",
        pooled="results/pooling/pooled.csv",
        influence="results/pooling/influence.csv",
        cumulative="results/pooling/cumulative.csv",
        gosh="results/pooling/gosh.csv",
        small_study="results/pooling/small_study.csv",
        moderators="results/pooling/moderators.csv",
        decisions="results/pooling/decisions.csv",
        absolute="results/pooling/absolute.csv",
        over_time="results/pooling/over_time.csv",
        changes="results/living/changes.json",
        changed="results/living/changes.csv",
        certainty="results/living/certainty.csv",
        figures=FIGURES,
    output:
        report=update("results/report.html"),
        changes=update("results/living/changes.html"),
        numbers=update("results/numbers.json"),
        done=touch("results/logs/render.done"),
    log:
        "results/logs/render.log",
    benchmark:
        "results/benchmarks/render.tsv"
    params:
        code=provenance.code("render.py"),
        # The report prints the protocol, so here, and only here, all of it matters.
        protocol=config,
    script:
        "../scripts/render.py"
