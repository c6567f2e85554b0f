"""Resolve the decisions on the records and count them for the flow diagram."""

from livingmeta.run import record

DECISIONS = "data/raw/screening/decisions.csv"
SHOWN = 20  # decisions without a record that the log names; all stand in the table


def main(paths: dict, out: dict, screening: dict, say):
    """`paths`: path by input; `out`: path by table to write; `screening`: the protocol's part."""
    from livingmeta import tables
    from livingmeta.extraction.studies import by_identifier, reports
    from livingmeta.screening import agreement, decisions, dropped, flow, machines

    records = tables.read(paths["records"], "screening/records")
    votes = dropped.read(paths["decisions"], "data/decisions")
    reviewers = machines.declared(paths["reviewers"])
    people, theirs = machines.apart(votes, reviewers)
    studies = tables.brought(paths["studies"], "data/studies")
    reports(studies, by_identifier(records))
    searches = tables.read(paths["searches"], "screening/searches")
    duplicates = tables.read(paths["duplicates"], "screening/duplicates")
    copies = tables.read(paths["copies"], "screening/copies")
    since = decisions.first_searched(searches, copies)
    resolved = resolve(records, people, screening, studies, since)
    flow.check_ledger(searches, records, duplicates, copies, resolved)
    counts = flow.count(searches, records, duplicates, copies, resolved, studies)
    flow.must_add_up(counts)
    for note in [*votes.attrs["notes"], *studies.attrs["notes"]]:
        say(f"note: {note}")
    for warning in resolved.warnings.itertuples():
        say(f"look at {warning.file}, row {warning.row}: '{warning.value}'; {warning.message}")
    for line in without_record(resolved.unmatched):
        say(f"look at {line}")
    tables.write(resolved.included, out["included"], "screening/included")
    tables.write(resolved.excluded, out["excluded"], "screening/excluded")
    tables.write(resolved.awaiting, out["awaiting"], "screening/awaiting")
    tables.write(resolved.conflicts, out["conflicts"], "screening/conflicts")
    standing = decisions.standing(records, resolved)
    tables.write(standing, out["standing"], "screening/standing")
    unmatched = resolved.unmatched.replace({"file": {DECISIONS: ""}})
    tables.write(unmatched, out["unmatched"], "screening/unmatched")
    tables.write_json(agreement.measure(resolved.original), out["agreement"])
    tables.write_json(counts, out["flow"])
    compared = machines.compare(records, votes, reviewers, resolved)
    tables.write(compared, out["machines"], "screening/machines")
    say(
        f"{len(records)} records: {len(resolved.included)} included, "
        f"{len(resolved.excluded)} excluded, {len(resolved.awaiting)} awaiting, "
        f"{len(resolved.conflicts)} in conflict"
    )
    if len(theirs):
        say(f"{len(theirs)} votes of machines are kept apart and count nowhere")


def resolve(records, votes, screening: dict, studies, since: dict):
    """The decisions brought onto the records; faults named by the file they stand in."""
    from livingmeta import tables
    from livingmeta.screening import decisions

    try:
        return decisions.resolve(
            records,
            votes,
            reviewers=screening["reviewers"],
            reasons=screening["reasons"],
            studies=studies,
            since=since,
        )
    except decisions.DecisionError as error:
        raise tables.TableError(
            [
                f"{p['file']}, row {p['row']}, column {p['column']}: '{p['value']}'; {p['message']}"
                for p in error.breaches
            ]
        ) from error


def without_record(unmatched) -> list[str]:
    """Decisions on no one record, in words; the first of them, and how many more."""
    from livingmeta.words import named

    lines = [
        f"{row['file']}, row {row['row']}: '{row['record']}'; {named.decision(row)}. The decision "
        "is kept and counts nowhere"
        for row in unmatched.head(SHOWN).to_dict("records")
    ]
    more = len(unmatched) - SHOWN
    return (
        [*lines, f"unmatched.csv: {more} more decisions that are on no one record"]
        if more > 0
        else lines
    )


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            dict(snakemake.output.items()),
            snakemake.params.screening,
            say,
        ),
    )
