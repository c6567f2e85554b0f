"""Judgement: what people judge of each result, and the facts that they judge it by.

Reads results/ and what people judged in data/raw/extraction/; writes results/judgement/
and, since releases freeze it, results/living/certainty.csv.
"""

asked(
    "appraise",
    after=["pool"],
    raw=digests.content([*CERTAINTY, *WORKBOOKS, *ROB_ME, *STATES, *REVIEWERS]),
    protocol=protocol.part(config, "outcomes", "arms", "time_unit"),
    syntheses=protocol.each(
        SYNTHESES, "title", "outcome", "measure", "arms", "time", "information_size"
    ),
)


rule appraise:
    """Lay out facts for GRADE and INSPECT-SR, the summary of findings, and missing results."""
    input:
        done=before("appraise"),
        certainty=brought(CERTAINTY),
        workbook=brought(WORKBOOKS),
        rob_me=brought(ROB_ME),
        states=brought(STATES),
        reviewers=brought(REVIEWERS),
        records="results/screening/records.csv",
        trials="results/screening/trials.csv",
        posted="results/screening/posted.csv",
        searches="results/screening/searches.csv",
        studies="results/extraction/studies.csv",
        problems="results/extraction/problems.csv",
        outcomes="results/extraction/outcomes.csv",
        risk_of_bias="results/extraction/risk_of_bias.csv",
        effects="results/effects/effects.csv",
        unusable="results/effects/unusable.csv",
        used="results/effects/used.csv",
        pooled="results/pooling/pooled.csv",
        small_study="results/pooling/small_study.csv",
        absolute="results/pooling/absolute.csv",
    output:
        certainty=update("results/living/certainty.csv"),
        grade_facts=update("results/judgement/grade_facts.csv"),
        to_judge=update("results/judgement/to_judge.csv"),
        summary_of_findings=update("results/judgement/summary_of_findings.csv"),
        rob_me=update("results/judgement/rob_me.csv"),
        inspect_sr=update("results/judgement/inspect_sr.csv"),
        done=proof("appraise"),
    log:
        "results/logs/appraise.log",
    benchmark:
        "results/benchmarks/appraise.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["appraise"],
    script:
        "../scripts/appraise.py"
