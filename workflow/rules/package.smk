"""Package: the report in type, and everything that goes with it to a journal or an archive.

Reads results/ and the protocol; writes results/report.docx, results/report.pdf, the same of
supplement, results/index.html, results/results.xlsx, results/package/.
"""

# What the report is printed as.
PAPERS = ["report", "supplement"]

asked(
    "typeset",
    after=["render"],
    raw=digests.content(PROSE),
    checklists=CHECKLISTS,
    protocol=protocol.part(config, "review", "screening", "outcomes", "syntheses"),
)


rule typeset:
    """Set the report and its supplement in type: each as a Word file and as PDF."""
    input:
        done=before("typeset"),
        prose=brought(PROSE),
        content="results/report.json",
        searches="results/screening/searches.csv",
        machines="results/screening/machines.csv",
        risk_of_bias="results/extraction/risk_of_bias.csv",
        certainty="results/living/certainty.csv",
        rob_me="results/judgement/rob_me.csv",
        contacts="results/extraction/contacts.csv",
        registrations="results/pooling/registrations.csv",
        amendments="results/living/amendments.csv",
        drawn="results/figures/drawn.json",
        accumulated="results/figures/accumulated.json",
        figures=FIGURES + ACCUMULATED,
    output:
        words=update(collect("results/{paper}.docx", paper=PAPERS)),
        printed=update(collect("results/{paper}.pdf", paper=PAPERS)),
        done=proof("typeset"),
    log:
        "results/logs/typeset.log",
    benchmark:
        "results/benchmarks/typeset.tsv"
    threads: 2
    resources:
        mem_mb=needs(3000),
        runtime=60,
    params:
        **ASKED["typeset"],
    script:
        "../scripts/typeset.py"


asked(
    "export",
    after=["draw", "accumulate", "settle"],
    protocol=protocol.part(config, "review", "screening", "arms", "outcomes", "syntheses"),
)


rule export:
    """Write what other programs take: one workbook, searches, references, data packages, metafor."""
    input:
        done=before("export"),
        searches="results/screening/searches.csv",
        records="results/screening/records.csv",
        included="results/screening/included.csv",
        excluded="results/screening/excluded.csv",
        studies="results/extraction/studies.csv",
        risk_of_bias="results/extraction/risk_of_bias.csv",
        outcomes="results/extraction/outcomes.csv",
        certainty="results/living/certainty.csv",
        summary_of_findings="results/judgement/summary_of_findings.csv",
        rob_me="results/judgement/rob_me.csv",
        effects="results/effects/effects.csv",
        unusable="results/effects/unusable.csv",
        pooled="results/pooling/pooled.csv",
        influence="results/pooling/influence.csv",
        moderators="results/pooling/moderators.csv",
        decisions="results/pooling/decisions.csv",
        to_settle="results/to_settle.csv",
        flow="results/screening/flow.json",
        changes="results/living/changes.json",
        drawn="results/figures/drawn.json",
        accumulated="results/figures/accumulated.json",
        flows=collect("results/figures/{flow}.svg", flow=FLOWS),
    output:
        book=update("results/results.xlsx"),
        references=update("results/package/included.ris"),
        flows=update(collect("results/package/{flow}.png", flow=FLOWS)),
        boxes=update(collect("results/package/{flow}.csv", flow=FLOWS)),
        searches=update("results/package/prisma_s.csv"),
        cochrane=update("results/package/CD000000-dataPackage.zip"),
        citation=update("results/package/CITATION.cff"),
        effects_for_r=update("results/package/metafor_effects.csv"),
        results_for_r=update("results/package/metafor_results.csv"),
        in_r=update("results/package/metafor.R"),
        done=proof("export"),
    log:
        "results/logs/export.log",
    benchmark:
        "results/benchmarks/export.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["export"],
    script:
        "../scripts/export.py"


asked(
    "package",
    after=["typeset", "export"],
    raw=digests.content([*BROUGHT, *PROTOCOL, *REGISTERED]),
    checklists=CHECKLISTS,
    protocol=protocol.part(config, "review", "screening", "outcomes", "syntheses"),
)


rule package:
    """Pack the review: an index, checklists, the works it names, and one archive of everything."""
    input:
        done=before("package"),
        config=brought(PROTOCOL),
        raw=brought(BROUGHT),
        registered=brought(REGISTERED),
        content="results/report.json",
        references="results/references.json",
        searches="results/screening/searches.csv",
        machines="results/screening/machines.csv",
        risk_of_bias="results/extraction/risk_of_bias.csv",
        certainty="results/living/certainty.csv",
        registrations="results/pooling/registrations.csv",
        amendments="results/living/amendments.csv",
        rob_me="results/judgement/rob_me.csv",
        contacts="results/extraction/contacts.csv",
        to_settle="results/to_settle.csv",
        drawn="results/figures/drawn.json",
        accumulated="results/figures/accumulated.json",
        made=[
            *FIGURES,
            *ACCUMULATED,
            "results/report.html",
            *collect("results/{paper}.{kind}", paper=PAPERS, kind=["docx", "pdf"]),
            "results/numbers.json",
            "results/prose/drafts.md",
            "results/prose/typed.csv",
            "results/living/changes.html",
            "results/living/news.html",
            "results/living/news.txt",
            "results/living/news.csv",
            "results/to_settle.csv",
            *tables_of("deduplicate", "screen", "extract", "harmonise", "pool"),
            *tables_of("appraise", "compare"),
            "results/living/amendments.csv",
            *tables_of("export"),
        ],
    output:
        index=update("results/index.html"),
        checklists=update("results/package/checklists.csv"),
        works=update(collect("results/package/references.{kind}", kind=["ris", "bib", "json"])),
        crate=update("results/package/ro-crate.zip"),
        done=proof("package"),
    log:
        "results/logs/package.log",
    benchmark:
        "results/benchmarks/package.tsv"
    resources:
        mem_mb=needs(1000),
        runtime=60,
    params:
        **ASKED["package"],
    script:
        "../scripts/package.py"
