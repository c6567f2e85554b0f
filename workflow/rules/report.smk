"""Report: figures and one page that holds everything, from the tables of all stages.

Reads results/ and the protocol; writes results/figures/, results/report.html, results/numbers.json.
"""

FIGURES = [
    "results/figures/flow.svg",
    *collect(
        "results/figures/{kind}-{synthesis}.svg", kind=["forest", "funnel"], synthesis=SYNTHESES
    ),
]


rule draw:
    """Draw the flow diagram, and a forest and a funnel plot of every synthesis."""
    input:
        done="results/logs/pool.done",
        flow="results/screening/flow.json",
        studies="results/extraction/studies.csv",
        effects="results/effects/effects.csv",
        pooled="results/pooling/pooled.csv",
    output:
        figures=update(FIGURES),
        done=touch("results/logs/draw.done"),
    log:
        "results/logs/draw.log",
    benchmark:
        "results/benchmarks/draw.tsv"
    params:
        code=provenance.code("draw.py"),
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
    """Render the report: one page, everything inside it, and every number it prints."""
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
        effects="results/effects/effects.csv",
        routes="results/effects/routes.csv",
        unusable="results/effects/unusable.csv",
        pooled="results/pooling/pooled.csv",
        influence="results/pooling/influence.csv",
        small_study="results/pooling/small_study.csv",
        moderators="results/pooling/moderators.csv",
        decisions="results/pooling/decisions.csv",
        changes="results/living/changes.json",
        figures=FIGURES,
    output:
        report=update("results/report.html"),
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
