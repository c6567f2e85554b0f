"""Turn votes of ASReview, Rayyan, Covidence and EPPI-Reviewer into rows of decisions.csv."""

from pathlib import Path

import pandas as pd

from livingmeta import spreadsheets, tables
from livingmeta.run import record
from livingmeta.screening import decisions, dropped, labels
from livingmeta.screening.readers import asreview, covidence, delimited, eppi, export, rayyan
from livingmeta.screening.readers.decode import decode
from livingmeta.screening.readers.votes import VoteError

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
    every = [(path, *read(path, known, years, day, reasons)) for path in exports]
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


def read(path, known: dict, years: dict, day: str, reasons: dict):
    """The labels of one export and those lost; faults are named by the file."""
    name, program = Path(path).stem, Path(path).parent.name
    stage = decisions.STAGES["fulltext" in spreadsheets.squeezed(name)]
    try:
        if program == "eppi":
            text, _ = decode(Path(path).read_bytes())
            return eppi.decisions(text, known, years, stage, day, reasons)
        found, rejects = export.read(path)
        if program == "covidence":
            votes, lost = covidence.decisions(found, known, name, day, reasons)
            return votes, lost + unread(rejects)
        if rayyan.holds(found) or rayyan.holds(rejects):
            votes, lost = rayyan.decisions(found, known, stage, day, reasons)
            voted = rejects["raw"].astype("str").str.contains(rayyan.MARK, regex=False)
            return votes, lost + unread(rejects[voted])
        if (rejects["reason"] == delimited.ANOTHER).any():
            line = rejects.loc[rejects["reason"] == delimited.ANOTHER, "line"].iloc[0]
            raise asreview.LabelError(f"line {line} begins another table; give it its own file")
        text, _ = decode(Path(path).read_bytes())
        header = "" if found.attrs["format"] == "RIS" else text.partition("\n")[0]
        votes, lost = asreview.decisions(found, known, name, day, header)
        return votes, lost + unread(rejects)
    except (asreview.LabelError, VoteError) as error:
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
