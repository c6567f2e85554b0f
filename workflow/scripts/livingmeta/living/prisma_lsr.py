"""PRISMA-LSR (Akl et al. 2024, BMJ 387:e079183): where a living review answers each item.

The topics are in our own words; the wording of the checklist is in the paper. Items L1 to L4 are
new in PRISMA-LSR; the others are items of PRISMA 2020 to which it adds.
"""

import pandas as pd

from livingmeta.living.state import State
from livingmeta.living.told import Changes

# ASSUME: items 1 to 4 and L1 were read in the paper's table 1. Of the additions to data collection,
# bias, synthesis, selection and limitations, and of L2 to L4, only the topics were (abstracts of
# the paper): the numbers are those of PRISMA 2020's items on these topics, and the order as listed.
ITEMS = (
    ("1", "that it is living, and its version", "pipeline", "config/config.yaml: review.version"),
    ("2", "whether it stops being living", "people", "config/config.yaml: review.note"),
    ("3", "why it is living; the version before", "pipeline", "results/living/changes.json: since"),
    (
        *("4", "changes to the question", "pipeline"),
        "results/living/changes.csv: kind protocol, review.question",
    ),
    (
        *("L1", "when it searches, updates and ends", "people"),
        "config/config.yaml: review.note; the searches made: data/raw/searches/searches.csv",
    ),
    (
        *("9", "data of earlier studies brought up to date", "pipeline"),
        "results/living/changes.csv: kinds study and cell",
    ),
    (
        *("11", "risk of bias of earlier studies judged again", "people"),
        "data/raw/extraction/risk_of_bias.csv",
    ),
    (
        *("13", "methods of synthesis for repeated updates", "pipeline"),
        "docs/living.md; results/pooling/decisions.csv",
    ),
    (
        *("L2", "changes to the methods", "pipeline"),
        "results/living/changes.csv: kinds protocol and guard rail",
    ),
    (
        *("16", "what led to this version, and the flow across versions", "pipeline"),
        "results/living/changes.json: flow",
    ),
    (
        *("L3", "changes to the results", "pipeline"),
        "results/living/changes.json: syntheses; results/living/cumulative.csv",
    ),
    ("23", "limitations of living mode", "people", "config/config.yaml: review.note"),
    (
        "L4",
        "authors of each version and their roles",
        "people",
        "config/config.yaml: review.authors",
    ),
)


def items(changes: Changes, present: State) -> pd.DataFrame:
    """The table results/living/prisma_lsr.csv (schema living/prisma_lsr): the items, where each is
    answered, and what stands there now. `changes`: the content of changes.json."""
    counts = changes["counts"]
    since = changes["since"]

    def told(*kinds):
        if since is None:
            return "first version: nothing to compare with"
        return ", ".join(f"{kind}: {counts.get(kind, 0)}" for kind in kinds)

    review = present.asked.review
    asked = [r for r in changes["protocol"] if r["what"].startswith("review.question")]
    now = {
        "1": f"version {present.version}",
        "3": f"version {since}" if since else "first version",
        "4": f"changes: {len(asked)}" if since else "first version: nothing to compare with",
        "9": told("study", "cell"),
        "L1": f"last search {present.searched_to}" if present.searched_to else "",
        "L2": told("protocol", "guard rail"),
        "16": told("search", "record", "decision"),
        "L3": told("synthesis", "effect", "estimate", "conclusion"),
        "L4": "; ".join(review.authors),
    }
    columns = ["item", "topic", "answered_by", "place"]
    table = pd.DataFrame(ITEMS, columns=columns)
    return table.assign(now=table["item"].map(now).fillna(""))
