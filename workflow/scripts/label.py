"""Turn votes of ASReview, Rayyan, Covidence and EPPI-Reviewer into rows of decisions.csv."""

import pandas as pd

from livingmeta import tables
from livingmeta.run import record
from livingmeta.screening import decisions, dropped, labels
from livingmeta.screening.readers import asreview, programs

FOLDER = "data/raw/screening"
DECISIONS = "data/raw/screening/decisions.csv"


def main(exports, paths: dict, out: dict, day: str, reasons: dict, say):
    """`exports`: those of ASReview, each named after its reviewer, of Rayyan and EPPI-Reviewer,
    which name theirs, and of Covidence, whose lists were agreed on, each in the folder of its
    program; `paths`: path by input; `out`: path by table to write; `day`: today, YYYY-MM-DD;
    `reasons`: the protocol's reasons of exclusion by their key."""
    if not exports:
        raise tables.TableError(
            [
                f"{FOLDER}/asreview holds no export. Put one a reviewer there, such as "
                f"{FOLDER}/asreview/kim.csv, or an export of Rayyan, Covidence or EPPI-Reviewer "
                f"into {FOLDER}/rayyan, covidence or eppi."
            ]
        )
    records = tables.read(paths["records"], "screening/records")
    known = decisions.by_name(records)
    years = dict(zip(records["record_id"], records["year"], strict=True))
    held = dropped.read(paths["decisions"], "data/decisions")
    read = programs.decisions
    every = [
        (path, *read(path, programs.of(path), known, years, day, reasons, held)) for path in exports
    ]
    given = pd.concat([found.assign(file=str(path)) for path, found, _ in every], ignore_index=True)
    fresh, told = labels.fresh(given, held, known)
    for path, found, lost in every:
        new = (fresh["file"] == str(path)).sum()
        say(f"{path}: {len(found)} labels, {new} of them not yet in {DECISIONS}")
        for line in lost:
            say(f"look at {path}, {line}")
    for line in told:
        say(f"look at {line}")
    labelled = "labels" in fresh and fresh["labels"].fillna("").ne("").any()
    columns = [*asreview.COLUMNS, *["labels"] * bool(labelled)]
    tables.write(fresh[columns].fillna(""), out["labels"], "data/decisions")
    say(f"append the rows of {out['labels']} to {DECISIONS}")


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            list(snakemake.input.exports),
            dict(snakemake.input.items()),
            dict(snakemake.output.items()),
            snakemake.params.day,
            snakemake.params.reasons,
            say,
        ),
    )
