"""Turn labels of ASReview and decisions of Rayyan into rows of decisions.csv."""

from pathlib import Path

import pandas as pd

from livingmeta import spreadsheets, tables
from livingmeta.run import record
from livingmeta.screening import decisions, dropped, labels
from livingmeta.screening.readers import asreview, delimited, export, rayyan
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
    held = dropped.read(paths["decisions"], "data/decisions")
    every = [(path, *read(path, known, day, reasons)) for path in exports]
    given = pd.concat([found.assign(file=str(path)) for path, found, _ in every], ignore_index=True)
    fresh, told = labels.fresh(given, held, known)
    for path, found, lost in every:
        new = (fresh["file"] == str(path)).sum()
        say(f"{path}: {len(found)} labels, {new} of them not yet in {DECISIONS}")
        for line in lost:
            say(f"look at {path}, {line}")
    for line in told:
        say(f"look at {line}")
    tables.write(fresh[asreview.COLUMNS], out["labels"], "data/decisions")
    say(f"append the rows of {out['labels']} to {DECISIONS}")


def read(path, known: dict, day: str, reasons: dict):
    """The labels of one export and those lost; faults are named by the file."""
    try:
        found, rejects = export.read(path)
        if rayyan.holds(found) or rayyan.holds(rejects):
            stage = decisions.STAGES["fulltext" in spreadsheets.squeezed(Path(path).stem)]
            votes, lost = rayyan.decisions(found, known, stage, day, reasons)
            voted = rejects["raw"].astype("str").str.contains(rayyan.MARK, regex=False)
            return votes, lost + unread(rejects[voted])
        if (rejects["reason"] == delimited.ANOTHER).any():
            line = rejects.loc[rejects["reason"] == delimited.ANOTHER, "line"].iloc[0]
            raise asreview.LabelError(f"line {line} begins another table; give it its own file")
        text, _ = decode(Path(path).read_bytes())
        header = "" if found.attrs["format"] == "RIS" else text.partition("\n")[0]
        votes, lost = asreview.decisions(found, known, Path(path).stem, day, header)
        return votes, lost + unread(rejects)
    except (asreview.LabelError, rayyan.VoteError) as error:
        raise tables.TableError([f"{path}: {error}"]) from error
    except export.ReadError as error:
        raise tables.TableError([str(error)]) from error


def unread(rejects) -> list[str]:
    """Pieces of an export that are no record, in words: whatever label they hold is not taken."""
    return [f"line {row.line}: no label is taken; {row.reason}" for row in rejects.itertuples()]


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
