"""Report: figures and one page that holds everything, from the tables of all stages.

Reads results/ and the protocol; writes results/figures/, results/report.html,
results/report.json, results/numbers.json, results/references.json,
results/prose/.
"""

asked(
    "draw",
    after=["pool"],
    raw=digests.content(CURVES),
    protocol={
        **protocol.part(config, "outcomes", "arms", "time_unit"),
        "reasons": config["screening"]["reasons"],
        "language": config["report"]["language"],
        "forest": config["report"]["forest"],
    },
    syntheses=protocol.each(
        SYNTHESES,
        *("title", "outcome", "measure", "arms", "time", "subgroups", "subgroup_labels", "level"),
    ),
    courses=protocol.each(config["courses"], "title", "outcome", "arms"),
)


rule draw:
    """Draw the flow diagram, the figures of every synthesis, and survival curves."""
    input:
        done=before("draw"),
        flow="results/screening/flow.json",
        studies="results/extraction/studies.csv",
        effects="results/effects/effects.csv",
        used="results/effects/used.csv",
        unusable="results/effects/unusable.csv",
        risk_of_bias="results/extraction/risk_of_bias.csv",
        pooled="results/pooling/pooled.csv",
        moderators="results/pooling/moderators.csv",
        predicted="results/pooling/predicted.csv",
        prespecified="results/pooling/prespecified.csv",
        influence="results/pooling/influence.csv",
        cumulative="results/pooling/cumulative.csv",
        gosh="results/pooling/gosh.csv",
        narrative="results/pooling/narrative.csv",
        over_time="results/pooling/over_time.csv",
        course="results/pooling/course.csv",
        courses="results/pooling/courses.csv",
        outcomes="results/extraction/outcomes.csv",
        individual="results/extraction/individual.csv",
        quality="results/extraction/curves.csv",
        curves=brought(CURVES),
    output:
        drawn=update("results/figures/drawn.json"),
        figures=list(map(drawn, FIGURES)),
        done=proof("draw"),
    log:
        "results/logs/draw.log",
    benchmark:
        "results/benchmarks/draw.tsv"
    # With few syntheses a second process takes as long to start as it saves.
    threads: min(4, 1 + len(SYNTHESES) // 10)
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["draw"],
    script:
        "../scripts/draw.py"


asked(
    "accumulate",
    after=["compare"],
    protocol={
        **protocol.part(config, "outcomes", "arms"),
        "reasons": config["screening"]["reasons"],
        "language": config["report"]["language"],
    },
    syntheses=protocol.each(SYNTHESES, "title", "outcome", "measure", "arms", "level"),
)


rule accumulate:
    """Draw the flow of an update, how each result came to be, and its information size on request."""
    input:
        done=before("accumulate"),
        changes="results/living/changes.json",
        cumulative="results/living/cumulative.csv",
        sizes="results/living/information_size.csv",
        looks="results/living/information_looks.csv",
        studies="results/extraction/studies.csv",
    output:
        accumulated=update("results/figures/accumulated.json"),
        figures=list(map(drawn, ACCUMULATED)),
        done=proof("accumulate"),
    log:
        "results/logs/accumulate.log",
    benchmark:
        "results/benchmarks/accumulate.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["accumulate"],
    script:
        "../scripts/accumulate.py"


asked(
    "render",
    after=["draw", "accumulate", "settle", "confirm"],
    raw=digests.content(PROSE),
    # The report prints the protocol, so here, and only here, all of it matters.
    protocol=config,
)


rule render:
    """Render the report, its content and the page on changes, and every number that they print."""
    input:
        done=before("render"),
        prose=brought(PROSE),
        to_settle="results/to_settle.csv",
        searches="results/screening/searches.csv",
        records="results/screening/records.csv",
        duplicates="results/screening/duplicates.csv",
        doubtful="results/screening/doubtful.csv",
        rejects="results/screening/rejects.csv",
        included="results/screening/included.csv",
        excluded="results/screening/excluded.csv",
        awaiting="results/screening/awaiting.csv",
        conflicts="results/screening/conflicts.csv",
        unmatched="results/screening/unmatched.csv",
        machines="results/screening/machines.csv",
        fulltexts="results/screening/fulltexts.csv",
        trials="results/screening/trials.csv",
        missed_reports="results/screening/missed_reports.csv",
        agreement="results/screening/agreement.json",
        flow="results/screening/flow.json",
        studies="results/extraction/studies.csv",
        outcomes="results/extraction/outcomes.csv",
        risk_of_bias="results/extraction/risk_of_bias.csv",
        problems="results/extraction/problems.csv",
        contacts="results/extraction/contacts.csv",
        readings="results/extraction/readings.csv",
        quotes="results/extraction/quotes.csv",
        extracted="results/extraction/agreement.csv",
        proposers="results/extraction/machines.csv",
        curves="results/extraction/curves.csv",
        curve_readings="results/extraction/curve_readings.csv",
        effects="results/effects/effects.csv",
        used="results/effects/used.csv",
        routes="results/effects/routes.csv",
        unusable="results/effects/unusable.csv",
        intervals="results/effects/intervals.csv",
        pooled="results/pooling/pooled.csv",
        influence="results/pooling/influence.csv",
        cumulative="results/pooling/cumulative.csv",
        gosh="results/pooling/gosh.csv",
        small_study="results/pooling/small_study.csv",
        moderators="results/pooling/moderators.csv",
        predicted="results/pooling/predicted.csv",
        decisions="results/pooling/decisions.csv",
        absolute="results/pooling/absolute.csv",
        narrative="results/pooling/narrative.csv",
        over_time="results/pooling/over_time.csv",
        course="results/pooling/course.csv",
        courses="results/pooling/courses.csv",
        second_opinion="results/pooling/second_opinion.csv",
        registrations="results/pooling/registrations.csv",
        prespecified="results/pooling/prespecified.csv",
        amendments="results/living/amendments.csv",
        news="results/living/news.csv",
        changes="results/living/changes.json",
        changed="results/living/changes.csv",
        certainty="results/living/certainty.csv",
        summary_of_findings="results/judgement/summary_of_findings.csv",
        grade_facts="results/judgement/grade_facts.csv",
        to_judge="results/judgement/to_judge.csv",
        rob_me="results/judgement/rob_me.csv",
        inspect_sr="results/judgement/inspect_sr.csv",
        history="results/living/cumulative.csv",
        information_size="results/living/information_size.csv",
        information_looks="results/living/information_looks.csv",
        drawn="results/figures/drawn.json",
        accumulated="results/figures/accumulated.json",
        figures=FIGURES + ACCUMULATED,
    output:
        report=told("results/report.html", "The whole review", page="report"),
        changes=told("results/living/changes.html", "The whole review", page="changes"),
        alert=told("results/living/news.html", "The whole review", page="news"),
        mail=update("results/living/news.txt"),
        content=update("results/report.json"),
        numbers=update("results/numbers.json"),
        references=update("results/references.json"),
        drafts=update("results/prose/drafts.md"),
        typed=update("results/prose/typed.csv"),
        untranslated=update("results/prose/untranslated.csv"),
        done=proof("render"),
    log:
        "results/logs/render.log",
    benchmark:
        "results/benchmarks/render.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["render"],
    script:
        "../scripts/render.py"
