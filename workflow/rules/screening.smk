"""Screening: vendor exports and people's decisions become records, included or not.

Reads data/raw/searches/ and data/raw/screening/; writes results/screening/.
"""

from datetime import date

asked(
    "deduplicate",
    raw=digests.content([*SEARCHES, *SETTLED, *STATES]),
)


rule deduplicate:
    """Read every export, link the copies of one report, and keep what could not be read."""
    input:
        searches=brought(SEARCHES),
        settled=brought(SETTLED),
        states=brought(STATES),
    output:
        searches=update("results/screening/searches.csv"),
        records=update("results/screening/records.csv"),
        copies=update("results/screening/copies.csv"),
        registrations=update("results/screening/registrations.csv"),
        posted=update("results/screening/posted.csv"),
        duplicates=update("results/screening/duplicates.csv"),
        doubtful=update("results/screening/doubtful.csv"),
        unsettled=update("results/screening/unsettled.csv"),
        notices=update("results/screening/notices.csv"),
        linked=update("results/screening/linked.csv"),
        rejects=update("results/screening/rejects.csv"),
        done=proof("deduplicate"),
    log:
        "results/logs/deduplicate.log",
    benchmark:
        "results/benchmarks/deduplicate.tsv"
    resources:
        mem_mb=needs(2000),
        runtime=60,
    params:
        **ASKED["deduplicate"],
    script:
        "../scripts/deduplicate.py"


asked(
    "screen",
    after=["deduplicate"],
    raw=digests.content(
        [*DECISIONS, *REVIEWERS, *STUDIES, *WORKBOOKS, *FULLTEXTS, *LABELLED, *SEARCHES]
    ),
    held=digests.content(HELD),
    screening=config["screening"],
)


rule screen:
    """Resolve the decisions on the records and count them for the flow diagram."""
    input:
        done=before("screen"),
        searches="results/screening/searches.csv",
        records="results/screening/records.csv",
        copies="results/screening/copies.csv",
        duplicates="results/screening/duplicates.csv",
        registrations="results/screening/registrations.csv",
        decisions=brought(DECISIONS),
        reviewers=brought(REVIEWERS),
        studies=brought(STUDIES),
        workbook=brought(WORKBOOKS),
        fulltexts=brought(FULLTEXTS),
        labelled=brought(LABELLED),
        exports=brought(SEARCHES),
    output:
        included=update("results/screening/included.csv"),
        excluded=update("results/screening/excluded.csv"),
        awaiting=update("results/screening/awaiting.csv"),
        standing=update("results/screening/standing.csv"),
        conflicts=update("results/screening/conflicts.csv"),
        unmatched=update("results/screening/unmatched.csv"),
        at_odds=update("results/screening/at_odds.csv"),
        not_taken=update("results/screening/not_taken.csv"),
        agreement=update("results/screening/agreement.json"),
        flow=update("results/screening/flow.json"),
        machines=update("results/screening/machines.csv"),
        fulltexts=update("results/screening/fulltexts.csv"),
        trials=update("results/screening/trials.csv"),
        missed_reports=update("results/screening/missed_reports.csv"),
        to_retrieve=update("results/screening/to_retrieve.ris"),
        done=proof("screen"),
    log:
        "results/logs/screen.log",
    benchmark:
        "results/benchmarks/screen.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["screen"],
    script:
        "../scripts/screen.py"


asked(
    "rank",
    after=["screen"],
    raw=digests.content([*DECISIONS, *REVIEWERS, *FULLTEXTS]),
    held=list(HELD),  # only their names
    review=protocol.part(config["review"], "title", "question"),
    screening=config["screening"],
)


rule rank:
    """Rank what still has to be screened, and make the pages to decide on."""
    input:
        done=before("rank"),
        searches="results/screening/searches.csv",
        records="results/screening/records.csv",
        copies="results/screening/copies.csv",
        duplicates="results/screening/duplicates.csv",
        doubtful="results/screening/doubtful.csv",
        linked="results/screening/linked.csv",
        decisions=brought(DECISIONS),
        reviewers=brought(REVIEWERS),
        fulltexts=brought(FULLTEXTS),
    output:
        queue=update("results/screening/queue.csv"),
        asreview=update("results/screening/asreview.csv"),
        stopping=update("results/screening/stopping.json"),
        progress=update("results/screening/progress.csv"),
        page=update("results/screening/screen.html"),
        desk=update("results/screening/settle.html"),
        done=proof("rank"),
    log:
        "results/logs/rank.log",
    benchmark:
        "results/benchmarks/rank.tsv"
    resources:
        mem_mb=needs(2000),
        runtime=60,
    params:
        **ASKED["rank"],
    script:
        "../scripts/rank.py"


asked(
    "label",
    after=["deduplicate"],
    raw=digests.content([*LABELLED, *DECISIONS]),
    # The day of labels that tell none.
    day=date.today().isoformat(),
    reasons=config["screening"]["reasons"],
)


rule label:
    """Turn votes of ASReview, Rayyan, Covidence and EPPI-Reviewer into rows of decisions.csv."""
    input:
        done=before("label"),
        exports=brought(LABELLED),
        records="results/screening/records.csv",
        decisions=brought(DECISIONS),
    output:
        labels=update("results/screening/labels.csv"),
        done=proof("label"),
    log:
        "results/logs/label.log",
    benchmark:
        "results/benchmarks/label.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["label"],
    script:
        "../scripts/label.py"
