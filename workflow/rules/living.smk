"""Living: what changed since the latest release, new releases, and searches on request.

Reads results/, releases/ and, for a search, data/raw/searches/; writes results/living/ and, of all
stages together, results/to_settle.csv. Only `release` writes releases/, and only `search` writes
data/raw/searches/; neither is part of `rule all`. A release is no declared output: what is frozen
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
    after=["compare", "verify"],
    raw=digests.content(SENTINEL),
    # Only their names: what nobody reads is named too.
    brought=list(BROUGHT),
    asked=protocol.each(SYNTHESES, "outcome", "arms"),
    joins={name: arm["joins"] for name, arm in config["arms"].items() if arm["joins"]},
)


rule settle:
    """List everything that waits for a person."""
    input:
        done=before("settle"),
        sentinel=brought(SENTINEL),
        searches="results/screening/searches.csv",
        records="results/screening/records.csv",
        doubtful="results/screening/doubtful.csv",
        unsettled="results/screening/unsettled.csv",
        rejects="results/screening/rejects.csv",
        included="results/screening/included.csv",
        awaiting="results/screening/awaiting.csv",
        conflicts="results/screening/conflicts.csv",
        unmatched="results/screening/unmatched.csv",
        machines="results/screening/machines.csv",
        fulltexts="results/screening/fulltexts.csv",
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
        to_judge="results/judgement/to_judge.csv",
    output:
        table=update("results/to_settle.csv"),
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
    raw=digests.content([*BROUGHT, *PROTOCOL]),
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
        numbers="results/numbers.json",
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
    "search",
    # Another day, another query or other searches on file: there may be something to find.
    raw=digests.content(SEARCHES),
    day=date.today().isoformat(),
    search=config["search"],
    pages="results/living/search",
)


rule search:
    """Ask PubMed and Europe PMC for what is new, and add the answer to data/raw/searches/."""
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
