"""Pooling: the effects of each synthesis under the models of the protocol.

Reads results/effects/ and results/extraction/; writes results/pooling/.
"""


rule pool:
    """Pool the effects of every synthesis and write down each guard rail that fired."""
    input:
        done="results/logs/harmonise.done",
        effects="results/effects/effects.csv",
        studies="results/extraction/studies.csv",
    output:
        pooled=update("results/pooling/pooled.csv"),
        influence=update("results/pooling/influence.csv"),
        small_study=update("results/pooling/small_study.csv"),
        moderators=update("results/pooling/moderators.csv"),
        decisions=update("results/pooling/decisions.csv"),
        done=touch("results/logs/pool.done"),
    log:
        "results/logs/pool.log",
    benchmark:
        "results/benchmarks/pool.tsv"
    params:
        code=provenance.code("pool.py"),
        syntheses=protocol.each(
            SYNTHESES, "measure", "model", "sensitivity", "subgroups", "moderators"
        ),
    script:
        "../scripts/pool.py"
