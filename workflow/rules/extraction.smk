"""Extraction: numbers as printed become numbers one can compute with.

Reads data/raw/extraction/ and results/screening/; writes results/extraction/. Only `workbook` writes
data/raw/extraction/; it is no part of `rule all`, and what it writes is no declared output.
"""

from datetime import date

# By outcome the times of its syntheses.
TIMES = {
    outcome: sorted(
        {s["time"] for s in SYNTHESES.values() if s["outcome"] == outcome and s["time"] is not None}
    )
    for outcome in config["outcomes"]
}

asked(
    "extract",
    after=["screen"],
    raw=digests.content(
        [
            *[*STUDIES, *OUTCOMES, *WORKBOOKS, *CURVES, *RISK_OF_BIAS],
            *[*PROPOSALS, *REVIEWERS, *SENTINEL, *STATES, *CONTACTS],
        ]
    ),
    protocol={
        **protocol.part(config, "outcomes", "arms", "time_unit", "extraction", "risk_of_bias"),
        # A result may be judged for one; their measures say whose numbers are in one unit.
        "syntheses": protocol.each(
            {**SYNTHESES, **config["courses"]}, "outcome", "measure", "other_measures"
        ),
        # At which two digitisers of a curve are compared.
        "times": TIMES,
    },
)


rule extract:
    """Convert the printed numbers to common units and try them against each other."""
    input:
        done=before("extract"),
        studies=brought(STUDIES),
        outcomes=brought(OUTCOMES),
        workbook=brought(WORKBOOKS),
        proposals=brought(PROPOSALS),
        reviewers=brought(REVIEWERS),
        risk_of_bias=brought(RISK_OF_BIAS),
        curves=brought(CURVES),
        sentinel=brought(SENTINEL),
        states=brought(STATES),
        contacts=brought(CONTACTS),
        records="results/screening/records.csv",
        standing="results/screening/standing.csv",
        registrations="results/screening/registrations.csv",
    output:
        studies=update("results/extraction/studies.csv"),
        outcomes=update("results/extraction/outcomes.csv"),
        risk_of_bias=update("results/extraction/risk_of_bias.csv"),
        problems=update("results/extraction/problems.csv"),
        overlaps=update("results/extraction/overlaps.csv"),
        contacts=update("results/extraction/contacts.csv"),
        readings=update("results/extraction/readings.csv"),
        proposals=update("results/extraction/proposals.csv"),
        machines=update("results/extraction/machines.csv"),
        agreement=update("results/extraction/agreement.csv"),
        study_fields=update("results/extraction/study_fields.csv"),
        side_by_side=update("results/extraction/side_by_side.json"),
        curves=update("results/extraction/curves.csv"),
        curve_readings=update("results/extraction/curve_readings.csv"),
        individual=update("results/extraction/individual.csv"),
        done=proof("extract"),
    log:
        "results/logs/extract.log",
    benchmark:
        "results/benchmarks/extract.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["extract"],
    script:
        "../scripts/extract.py"


asked(
    "verify",
    after=["extract"],
    raw=digests.content([*HELD, *QUOTES]),
    title=config["review"]["title"],
)


rule verify:
    """Look each quote up in the text that is held, and make the page to settle readings on."""
    input:
        done=before("verify"),
        held=brought(HELD),
        kept=brought(QUOTES),
        records="results/screening/records.csv",
        studies="results/extraction/studies.csv",
        outcomes="results/extraction/outcomes.csv",
        proposals="results/extraction/proposals.csv",
        side_by_side="results/extraction/side_by_side.json",
    output:
        quotes=update("results/extraction/quotes.csv"),
        proposed=update("results/extraction/proposed_quotes.csv"),
        keep=update("results/extraction/quotes_to_keep.csv"),
        desk=update("results/extraction/settle.html"),
        done=proof("verify"),
    log:
        "results/logs/verify.log",
    benchmark:
        "results/benchmarks/verify.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["verify"],
    script:
        "../scripts/verify.py"


asked(
    "digitise",
    after=["extract"],
    raw=digests.content(HELD),
    title=config["review"]["title"],
    protocol=protocol.part(config, "outcomes", "arms", "time_unit"),
)


rule digitise:
    """Make the page on which curves are digitised, with the pages of held PDFs that have figures."""
    input:
        done=before("digitise"),
        held=brought(HELD),
        records="results/screening/records.csv",
        studies="results/extraction/studies.csv",
    output:
        page=update("results/extraction/digitise.html"),
        done=proof("digitise"),
    log:
        "results/logs/digitise.log",
    benchmark:
        "results/benchmarks/digitise.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["digitise"],
    script:
        "../scripts/digitise.py"


asked(
    "workbook",
    after=["screen"],
    raw=digests.content([*STUDIES, *OUTCOMES, *RISK_OF_BIAS, *CERTAINTY, *WORKBOOKS]),
    # The old one is kept under this day. Asking again looks again, whoever has changed the file.
    day=date.today().isoformat(),
    protocol=protocol.part(config, "outcomes", "arms"),
    syntheses=SYNTHESES,
    courses=config["courses"],
)


rule workbook:
    """Write today's extraction as a workbook, data/raw/extraction/extraction.xlsx, to be filled in."""
    input:
        done=before("workbook"),
        studies=brought(STUDIES),
        outcomes=brought(OUTCOMES),
        risk_of_bias=brought(RISK_OF_BIAS),
        certainty=brought(CERTAINTY),
        records="results/screening/records.csv",
        included="results/screening/included.csv",
    output:
        done=proof("workbook"),
    log:
        "results/logs/workbook.log",
    benchmark:
        "results/benchmarks/workbook.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["workbook"],
    script:
        "../scripts/workbook.py"
