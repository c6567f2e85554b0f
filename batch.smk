"""Every review under a folder, each in a run of its own:

    snakemake --snakefile batch.smk --cores 2 --directory path/to/reviews

A review is a folder with config/config.yaml, at any depth. Its results stay in it; the folder of
reviews gets results/reviews.csv, which says how each fared, and a log a review.
"""

import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake.utils import min_version

min_version("9.27")
HERE = Path(workflow.current_basedir)
sys.path.insert(0, str(HERE / "workflow" / "scripts"))

from livingmeta.run import batch, claim, engine

RUN = ".snakemake/run"
REVIEWS = batch.reviews(".")

# What a review has to do only its own run can say: each is asked every time, so none is done yet.
if engine.leads(workflow) and not engine.dry(workflow):
    if cut_short := claim.clear(RUN, ".snakemake/locks"):
        print(cut_short, file=sys.stderr)
    for path in Path(".snakemake/batch").rglob("*.done"):
        if path.is_file():  # a folder may be called so
            path.unlink()


def close():
    """Say how each review fared, and keep that as a table."""
    failed = {batch.name(label): logs for label, logs in WATCH.failed.items()}
    rows = batch.fared(REVIEWS, map(batch.name, WATCH.ran), failed)
    if rows:
        batch.write(rows, "results/reviews.csv")
    print(batch.last_words(rows, WATCH.seconds()), file=sys.stderr)


WATCH = engine.watch(workflow, logger, idle=close)


rule all:
    """Every review of this folder."""
    default_target: True
    input:
        expand(".snakemake/batch/{review}.done", review=map(batch.label, REVIEWS)),


rule review:
    """Run one review, on one core unless --set-threads says otherwise."""
    output:
        temp(touch(".snakemake/batch/{review}.done")),
    log:
        "results/logs/{review}.log",
    benchmark:
        "results/benchmarks/{review}.tsv"
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * 2 ** (attempt - 1),
        runtime=240,
    params:
        python=sys.executable,
        snakefile=HERE / "Snakefile",
        # Not by its label, and not as an option: a folder may be called -n.
        folder=lambda wildcards: f"./{batch.name(wildcards.review)}",
    shell:
        "{params.python:q} -m snakemake --snakefile {params.snakefile:q} --executor local"
        " --cores {threads} --nocolor --directory {params.folder:q} > {log:q} 2>&1"


onstart:
    try:
        claim.begin(RUN, "results/logs", lambda line: print(line, file=sys.stderr))
    except claim.ClaimError as error:
        raise WorkflowError(str(error))
    # A batch that was killed leaves the run of a review at work.
    for review in REVIEWS:
        claim.ended(
            f"{review}/{RUN}",
            lambda: print(
                f"{review}: a run of it is at work. Waiting for its end.", file=sys.stderr
            ),
        )
    if REVIEWS:
        WATCH.begin({"review": "Run one review."})


onsuccess:
    close()


onerror:
    close()
