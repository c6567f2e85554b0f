"""A systematic review, from search exports to a finished meta-analysis.

`snakemake --cores 4` runs the review of the folder it is typed in; any other with
`--directory path/to/review`. What people bring is in config/ and data/raw/, what is computed in
results/. The stages follow one another as the includes below.
"""

from snakemake.utils import min_version

min_version("9.27")


include: "workflow/rules/common.smk"
include: "workflow/rules/screening.smk"
include: "workflow/rules/extraction.smk"
include: "workflow/rules/effects.smk"
include: "workflow/rules/pooling.smk"
include: "workflow/rules/judgement.smk"
include: "workflow/rules/living.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/package.smk"


announce()


# What asks the network, or writes beside the results, runs where it was typed.
localrules:
    all,
    chase,
    label,
    register,
    release,
    search,
    workbook,


rule all:
    """Everything that a review delivers."""
    default_target: True
    input:
        rules.deduplicate.output,
        rules.screen.output,
        rules.rank.output,
        rules.extract.output,
        rules.verify.output,
        rules.digitise.output,
        rules.harmonise.output,
        rules.pool.output,
        rules.confirm.output,
        rules.appraise.output,
        rules.compare.output,
        rules.settle.output,
        rules.draw.output,
        rules.accumulate.output,
        rules.render.output,
        rules.typeset.output,
        rules.export.output,
        rules.package.output,
