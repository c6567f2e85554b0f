"""The protocol, checked before anything runs, and what every rule needs of it."""

import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(Path(workflow.basedir) / "workflow" / "scripts"))

from livingmeta import protocol, provenance
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
SYNTHESES = config["syntheses"]
SEARCHES = provenance.files("data/raw/searches")
LABELLED = provenance.files("data/raw/screening/asreview")
SETTLED = provenance.files("data/raw/screening/duplicates.csv")
CURVES = provenance.files("data/raw/extraction/curves")
RISK_OF_BIAS = provenance.files("data/raw/extraction/risk_of_bias.csv")


onstart:
    for path in prune.vanished("results/figures", FIGURES + ACCUMULATED):
        path.unlink()


onerror:
    print(prune.summary("results/logs"), file=sys.stderr)
