"""The protocol, checked before anything runs, and what every rule needs of it."""

import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(Path(workflow.basedir) / "workflow" / "scripts"))

from livingmeta import claim, files, protocol, provenance
from livingmeta.living import prune, versions

try:
    protocol.read("config/config.yaml")
except protocol.ProtocolError as error:
    raise WorkflowError("The protocol cannot be read.", *error.problems)


configfile: "config/config.yaml"


try:
    config = protocol.complete(config)
except protocol.ProtocolError as error:
    raise WorkflowError("The protocol cannot be run.", *error.problems)

# Outputs are marked `update`, so that a failed job leaves the earlier ones in place. Snakemake would
# then take those for current; the file `done`, which a failed job leaves missing and which the next
# stage waits for, is what tells it otherwise.
RUN = ".snakemake/run"
SYNTHESES = config["syntheses"]
SEARCHES = provenance.files("data/raw/searches")
LABELLED = provenance.files("data/raw/screening/asreview")
SETTLED = provenance.files("data/raw/screening/duplicates.csv")
CURVES = provenance.files("data/raw/extraction/curves")
RISK_OF_BIAS = provenance.files("data/raw/extraction/risk_of_bias.csv")


if workflow.is_main_process:
    if shut := files.closed([".", ".snakemake", "results", *Path("results").glob("*/")]):
        raise WorkflowError(
            f"{shut[0].absolute()} cannot be written to. Ask for the right to, or copy the review "
            "to a folder of your own."
        )
    if told := claim.clear(RUN, ".snakemake/locks"):
        print(told, file=sys.stderr)


onstart:
    try:
        claim.begin(RUN, "results/logs", lambda line: print(line, file=sys.stderr))
    except claim.ClaimError as error:
        raise WorkflowError(str(error))
    files.set_back(["config/config.yaml", *BROUGHT, *RELEASES, *provenance.files("results")])
    # Should this run be cut short, what it leaves undone shows by its missing `done`, whatever the
    # clock says then or said before.
    for job in workflow.dag.needrun_jobs():
        for path in [*job.log, *job.output]:
            if path.startswith("results/logs/"):
                Path(path).unlink(missing_ok=True)
    left = prune.vanished("results/figures", FIGURES + ACCUMULATED)
    for path in [*left, *files.unfinished("results")]:
        path.unlink()


onerror:
    print(prune.summary("results/logs"), file=sys.stderr)
