"""A review at one moment: its tables, counts and protocol, as they are now or in a release."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from livingmeta import courses, plan, protocol, tables
from livingmeta.as_dicts import as_dicts
from livingmeta.effects.several import found_in, of_studies
from livingmeta.extraction.sentinel import FLAGS
from livingmeta.living import versions
from livingmeta.screening.counts import Counts
from livingmeta.screening.decisions import NOT_RETRIEVED, STAGES

# The tables of a state, and what each is called in a release.
TABLES = ("records", "studies", "outcomes", "effects", "pooled", "guard_rails", "certainty")
# Those of pooled survival curves: only of a review that asks for one, and of no release of before.
OF_CURVES = ("course", "courses", "intervals")
RECORDS = tables.columns("living/records")


@dataclass(frozen=True)
class State:
    """`version` of the review, the slice of its `protocol` that decides results, as it was written
    and completed, the counts of its `flow` diagram, and its tables under the schemas `living/*`.

    `asked`: what that protocol asks. `not_kept`: pooled survival curves of which a release has the
    printed numbers alone.
    """

    version: str
    protocol: dict
    flow: Counts
    records: pd.DataFrame
    studies: pd.DataFrame
    outcomes: pd.DataFrame
    effects: pd.DataFrame
    pooled: pd.DataFrame
    guard_rails: pd.DataFrame
    certainty: pd.DataFrame
    course: pd.DataFrame
    courses: pd.DataFrame
    intervals: pd.DataFrame
    not_kept: frozenset[str] = frozenset()

    @cached_property
    def asked(self) -> plan.Protocol:
        return plan.Protocol.of(self.protocol)

    def primary(self, synthesis: str) -> dict | None:
        """The row of pooled.csv that is the result of `synthesis`, or None."""
        rows = self.pooled[
            (self.pooled["synthesis"] == synthesis)
            & (self.pooled["subgroup"] == "")
            & self.pooled["primary"]
        ]
        return rows.iloc[0].to_dict() if len(rows) else None

    def effects_of(self, synthesis: str) -> dict[str, dict]:
        """Rows of effects.csv of one synthesis by study_id; of several of a study the average."""
        rows = of_studies(self.effects[self.effects["synthesis"] == synthesis])
        return {row["study_id"]: row for row in as_dicts(rows)}

    def has_several(self, synthesis: str) -> bool:
        """Whether a study has several effects in a synthesis."""
        return found_in(self.effects[self.effects["synthesis"] == synthesis])

    @property
    def searched_to(self) -> str:
        """Day of the last search, or "" if none has a day."""
        return max((d["searched_on"] for d in self.flow["identified"]["databases"]), default="")


def of_release(folder: Path | str, schemas: dict[str, str]) -> State:
    """The State frozen in `folder`; `schemas`: name of the schema by table.

    Raises VersionError where something frozen was changed.
    """
    folder = Path(folder)
    versions.must_be_as_released(folder)
    return State(
        version=folder.name,
        # A release may be older than a key of the protocol, whose default then held.
        protocol=courses.apart(
            protocol.with_defaults({"extraction": {}} | tables.read_json(folder / "protocol.json"))
        ),
        flow=tables.read_json(folder / "flow.json"),
        **{name: _frozen(folder / f"{name}.csv", schemas[name]) for name in (*TABLES, *OF_CURVES)},
        not_kept=_not_kept(folder),
    )


def _not_kept(folder: Path) -> frozenset[str]:
    """The curves that a release printed and, made before curves were kept, did not keep."""
    if (folder / "course.csv").exists():
        return frozenset()
    printed = tables.read(folder / "numbers.csv", "living/numbers")["id"]
    return frozenset(id_.split("/")[1] for id_ in printed if id_.startswith("course/"))


def _frozen(path: Path, schema: str) -> pd.DataFrame:
    # Releases made before certainty was kept do not hold it.
    if path.stem in ("certainty", *OF_CURVES) and not path.exists():
        return tables.empty(schema)
    table = tables.read(path, schema)
    if path.stem == "records":
        # Releases of before not retrieved was a state of its own have it as a reason of exclusion.
        missed = (table["stage"] == STAGES[1]) & table["reason"].isin(NOT_RETRIEVED)
        table.loc[missed, ["state", "reason"]] = ["not-retrieved", ""]
    return table


def stand_of_records(
    known: pd.DataFrame,
    standing: pd.DataFrame,
    searches: pd.DataFrame,
    copies: pd.DataFrame,
) -> pd.DataFrame:
    """Every record and where it stands, in the order of records.csv.

    `known`: records.csv; `standing`, `searches`, `copies`: those tables of results/screening/.
    Columns RECORDS.
    """
    stand = {row["record_id"]: row for row in as_dicts(standing)}
    day_of = dict(zip(searches["file"], searches["searched_on"], strict=True))
    files = copies.groupby("record_id")["file"].agg(list).to_dict()
    rows = []
    for record in as_dicts(known):
        at = stand[record["record_id"]]
        held = files[record["record_id"]]
        days = sorted(day for file in held if (day := day_of.get(file, "")))
        rows.append(
            {
                "record_id": record["record_id"],
                "title": record["title"],
                **{name: at[name] for name in ("state", "stage", "reason", "study_id")},
                "found_on": days[0] if days else "",
                "sources": record["sources"],
                "flag": record["flag"] if record["flag"] in FLAGS else "none",
                "identifiers": _lasting(record["identifiers"]),
            }
        )
    return pd.DataFrame(rows, columns=list(RECORDS))


def _lasting(identifiers: str) -> str:
    """The names of a record by which a later search can bring it again: DOI, PMID, PMCID, title.

    Readable keys are left out: they are made of title, year and author, and say no more.
    """
    kinds = ("doi:", "pmid:", "pmcid:", "title:")
    return " ".join(name for name in identifiers.split() if name.startswith(kinds))
