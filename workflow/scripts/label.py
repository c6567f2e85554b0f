"""Turn labels of ASReview and decisions of Rayyan into rows of decisions.csv."""

from pathlib import Path

import pandas as pd

from livingmeta import spreadsheets, tables
from livingmeta.run import record
from livingmeta.screening import decisions, dropped, identity
from livingmeta.screening.readers import asreview, export, rayyan
from livingmeta.screening.readers.decode import decode

FOLDER = "data/raw/screening/asreview"
RAYYAN = "data/raw/screening/rayyan"
DECISIONS = "data/raw/screening/decisions.csv"


def main(exports, paths: dict, out: dict, day: str, reasons: dict, say):
    """`exports`: those of ASReview, each named after its reviewer, and of Rayyan, which name
    theirs; `paths`: path by input; `out`: path by table to write; `day`: today, YYYY-MM-DD;
    `reasons`: the protocol's reasons of exclusion by their key."""
    if not exports:
        raise tables.TableError(
            [
                f"{FOLDER} holds no export. Put one a reviewer there, such as {FOLDER}/kim.csv, or "
                f"an export of Rayyan into {RAYYAN}."
            ]
        )
    records = tables.read(paths["records"], "screening/records")
    known = decisions.by_name(records)
    held = {
        (record, row.stage, decisions.person(row.reviewer), row.decision)
        for row in dropped.read(paths["decisions"], "data/decisions").itertuples()
        for record in known.get(identity.canonical(row.record), ())
    }
    fresh = []
    for path in exports:
        labels, lost = read(path, known, day, reasons)
        new = [
            (row.record, row.stage, decisions.person(row.reviewer), row.decision) not in held
            for row in labels.itertuples()
        ]
        fresh.append(labels[new])
        say(f"{path}: {len(labels)} labels, {sum(new)} of them not yet in {DECISIONS}")
        for line in lost:
            say(f"look at {path}, {line}")
    tables.write(pd.concat(fresh, ignore_index=True), out["labels"], "data/decisions")
    say(f"append the rows of {out['labels']} to {DECISIONS}")


def read(path, known: dict, day: str, reasons: dict):
    """The labels of one export and those lost; faults are named by the file."""
    try:
        found, _ = export.read(path)
        if rayyan.holds(found):
            stage = decisions.STAGES["fulltext" in spreadsheets.squeezed(Path(path).stem)]
            return rayyan.decisions(found, known, stage, day, reasons)
        text, _ = decode(Path(path).read_bytes())
        header = "" if found.attrs["format"] == "RIS" else text.partition("\n")[0]
        return asreview.decisions(found, known, Path(path).stem, day, header)
    except (asreview.LabelError, rayyan.VoteError) as error:
        raise tables.TableError([f"{path}: {error}"]) from error
    except export.ReadError as error:
        raise tables.TableError([str(error)]) from error


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
