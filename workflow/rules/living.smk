"""Living: what changed since the latest release, new releases, and searches on request.

Reads results/, releases/ and, for a search, data/raw/searches/; writes results/living/ and, of all
stages together, results/to_settle.csv. Only `release` writes releases/, only `register`
config/registered/, and only `search` and `chase` data/raw/searches/ (and `search` two tables beside
it); none is part of `rule all`. A release or a registration is no declared output: what is frozen
is out of a workflow's reach.
"""

from datetime import date

# What a version is compared with: all of the protocol that decides a result.
COMPARED = protocol.part(
    config,
    *("review", "screening", "extraction", "time_unit", "arms", "outcomes", "syntheses"),
    "courses",
)


asked(
    "compare",
    after=["pool", "appraise"],
    frozen=digests.content(RELEASES),
    protocol=COMPARED,
)


rule compare:
    """Compare with the latest release, and say what moved each estimate."""
    input:
        done=before("compare"),
        releases=brought(RELEASES),
        certainty="results/living/certainty.csv",
        known="results/screening/records.csv",
        copies="results/screening/copies.csv",
        standing="results/screening/standing.csv",
        searches="results/screening/searches.csv",
        flow="results/screening/flow.json",
        studies="results/extraction/studies.csv",
        outcomes="results/extraction/outcomes.csv",
        effects="results/effects/effects.csv",
        pooled="results/pooling/pooled.csv",
        guard_rails="results/pooling/decisions.csv",
        course="results/pooling/course.csv",
        courses="results/pooling/courses.csv",
        intervals="results/effects/intervals.csv",
    output:
        changes=update("results/living/changes.json"),
        table=update("results/living/changes.csv"),
        cumulative=update("results/living/cumulative.csv"),
        sizes=update("results/living/information_size.csv"),
        looks=update("results/living/information_looks.csv"),
        records=update("results/living/records.csv"),
        checklist=update("results/living/prisma_lsr.csv"),
        done=proof("compare"),
    log:
        "results/logs/compare.log",
    benchmark:
        "results/benchmarks/compare.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["compare"],
    script:
        "../scripts/compare.py"


asked(
    "settle",
    after=["rank", "compare", "verify"],
    raw=digests.content([*SENTINEL, *STATES, *KNOWN_ITEMS, *PROSE]),
    checklists=CHECKLISTS,
    search=config["search"],
    protocol=protocol.part(config, "review", "screening", "outcomes", "syntheses"),
    # Only their names: what nobody reads is named too.
    brought=list(BROUGHT),
    asked=protocol.each(SYNTHESES, "outcome", "arms"),
    unsaid=UNSAID,
    named=protocol.each(SYNTHESES, "include", "sensitivity", "subgroup_labels")
    | protocol.each(config["courses"], "include"),
    joins={name: arm["joins"] for name, arm in config["arms"].items() if arm["joins"]},
)


rule settle:
    """List everything that waits for a person, and what new records could move."""
    input:
        done=before("settle"),
        reviewers=brought(REVIEWERS),
        sentinel=brought(SENTINEL),
        prose=brought(PROSE),
        states=brought(STATES),
        known_items=brought(KNOWN_ITEMS),
        searches="results/screening/searches.csv",
        records="results/screening/records.csv",
        doubtful="results/screening/doubtful.csv",
        unsettled="results/screening/unsettled.csv",
        notices="results/screening/notices.csv",
        rejects="results/screening/rejects.csv",
        included="results/screening/included.csv",
        excluded="results/screening/excluded.csv",
        awaiting="results/screening/awaiting.csv",
        conflicts="results/screening/conflicts.csv",
        unmatched="results/screening/unmatched.csv",
        at_odds="results/screening/at_odds.csv",
        not_taken="results/screening/not_taken.csv",
        machines="results/screening/machines.csv",
        fulltexts="results/screening/fulltexts.csv",
        queue="results/screening/queue.csv",
        trials="results/screening/trials.csv",
        studies="results/extraction/studies.csv",
        outcomes="results/extraction/outcomes.csv",
        study_fields="results/extraction/study_fields.csv",
        curve_readings="results/extraction/curve_readings.csv",
        risk_of_bias="results/extraction/risk_of_bias.csv",
        problems="results/extraction/problems.csv",
        overlaps="results/extraction/overlaps.csv",
        quotes="results/extraction/quotes.csv",
        effects="results/effects/effects.csv",
        used="results/effects/used.csv",
        unusable="results/effects/unusable.csv",
        intervals="results/effects/intervals.csv",
        disagreements="results/effects/disagreements.csv",
        pooled="results/pooling/pooled.csv",
        decisions="results/pooling/decisions.csv",
        certainty="results/living/certainty.csv",
        changes="results/living/changes.csv",
        to_judge="results/judgement/to_judge.csv",
        rob_me="results/judgement/rob_me.csv",
        contacts="results/extraction/contacts.csv",
        inspect_sr="results/judgement/inspect_sr.csv",
        prespecified="results/pooling/prespecified.csv",
        registrations="results/pooling/registrations.csv",
        reasons=brought(AMENDMENTS),
    output:
        table=update("results/to_settle.csv"),
        amendments=update("results/living/amendments.csv"),
        news=update("results/living/news.csv"),
        done=proof("settle"),
    log:
        "results/logs/settle.log",
    benchmark:
        "results/benchmarks/settle.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["settle"],
    script:
        "../scripts/settle.py"


asked(
    "release",
    after=["render"],
    raw=digests.content([*BROUGHT, *PROTOCOL, *REGISTERED]),
    # So that asking again looks again, whatever became of the folder meanwhile.
    frozen=digests.content(RELEASES),
    protocol=COMPARED,
)


rule release:
    """Freeze the present state as a release of this version."""
    input:
        done=before("release"),
        config=brought(PROTOCOL),
        raw=brought(BROUGHT),
        registered=brought(REGISTERED),
        numbers="results/numbers.json",
        report="results/report.html",
        flow="results/screening/flow.json",
        records="results/living/records.csv",
        studies="results/extraction/studies.csv",
        outcomes="results/extraction/outcomes.csv",
        effects="results/effects/effects.csv",
        pooled="results/pooling/pooled.csv",
        guard_rails="results/pooling/decisions.csv",
        certainty="results/living/certainty.csv",
        course="results/pooling/course.csv",
        courses="results/pooling/courses.csv",
        intervals="results/effects/intervals.csv",
    output:
        numbers=update("results/living/numbers.csv"),
        done=proof("release"),
    log:
        "results/logs/release.log",
    benchmark:
        "results/benchmarks/release.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["release"],
    script:
        "../scripts/release.py"


asked(
    "register",
    # Another day, another protocol or other data: there may be something to register.
    raw=digests.content([*PROTOCOL, *OUTCOMES, *WORKBOOKS, *CURVES, *REGISTERED]),
    day=date.today().isoformat(),
    protocol=config,
)


rule register:
    """Freeze the protocol as the plan of this review, or as an amendment of it, with today's day."""
    input:
        outcomes=brought(OUTCOMES),
        workbook=brought(WORKBOOKS),
        proposals=brought(PROPOSALS),
        curves=brought(CURVES),
        registered=brought(REGISTERED),
    output:
        done=proof("register"),
    log:
        "results/logs/register.log",
    benchmark:
        "results/benchmarks/register.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["register"],
    script:
        "../scripts/register.py"


asked(
    "search",
    after=["screen"],
    # Another day, another query or other searches on file: there may be something to find.
    raw=digests.content(SEARCHES),
    day=date.today().isoformat(),
    search=config["search"],
    pages="results/living/search",
)


rule search:
    """Ask databases for all that a query finds, and add what is new to data/raw/searches/."""
    input:
        done=before("search"),
        records="results/screening/records.csv",
        included="results/screening/included.csv",
        registrations="results/screening/registrations.csv",
    output:
        done=proof("search"),
    log:
        "results/logs/search.log",
    benchmark:
        "results/benchmarks/search.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["search"],
    script:
        "../scripts/search.py"


asked(
    "chase",
    after=["screen"],
    raw=digests.content(SEARCHES),
    day=date.today().isoformat(),
    pages="results/living/chase",
)


rule chase:
    """Ask two indexes what included reports cite and what cites them; data/raw/searches/ gets it."""
    input:
        done=before("chase"),
        records="results/screening/records.csv",
        included="results/screening/included.csv",
        registrations="results/screening/registrations.csv",
    output:
        done=proof("chase"),
    log:
        "results/logs/chase.log",
    benchmark:
        "results/benchmarks/chase.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["chase"],
    script:
        "../scripts/chase.py"
