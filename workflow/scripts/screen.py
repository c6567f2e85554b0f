"""Resolve the decisions on the records and count them for the flow diagram."""

from livingmeta.as_dicts import as_dicts
from livingmeta.run import record

SEARCHES = "data/raw/searches"
DECISIONS = "data/raw/screening/decisions.csv"
SHOWN = 20  # decisions without a record that the log names; all stand in the table


def main(paths: dict, out: dict, screening: dict, held: dict, say):
    """`paths`: path by input; `out`: path by table to write; `screening`: the protocol's part;
    `held`: digests of the full texts in data/raw by their path."""
    from livingmeta import plan, tables
    from livingmeta.extraction import places
    from livingmeta.extraction.studies import PATH, by_identifier, reports
    from livingmeta.extraction.workbook import brought
    from livingmeta.living.search import missed_reports
    from livingmeta.package import references
    from livingmeta.screening import (
        agreement,
        assignment,
        decisions,
        dropped,
        flow,
        fulltexts,
        machines,
        standing,
        trials,
    )
    from livingmeta.screening.readers import programs

    records = tables.read(paths["records"], "screening/records")
    votes = dropped.read(paths["decisions"], "data/decisions")
    reviewers = machines.declared(paths["reviewers"])
    people, theirs = machines.apart(votes, reviewers)
    studies = brought.together({name: paths[name] for name in ("studies", "workbook")}).studies
    reports(studies, by_identifier(records))
    log = dropped.read(paths["fulltexts"], "data/fulltexts")
    noted, _ = fulltexts.by_record(log, decisions.by_name(records))
    searches = tables.read(paths["searches"], "screening/searches")
    duplicates = tables.read(paths["duplicates"], "screening/duplicates")
    copies = tables.read(paths["copies"], "screening/copies")
    assign = plan.Assign.of(screening["assign"])
    assignment.must_be_people(assign, reviewers)
    found = assignment.found_on(copies, searches)
    resolved = resolve(
        records,
        people,
        screening,
        studies=studies,
        unobtained=fulltexts.unobtained(noted),
        since=found,
        persons=machines.persons(reviewers),
        pilot=assignment.of_pilot(records, found, assign),
    )
    sought = fulltexts.sought(records, resolved, log, held)
    flow.check_ledger(searches, records, duplicates, copies, resolved)
    counts = flow.count(searches, records, duplicates, copies, resolved, studies, sought)
    flow.must_add_up(counts)
    for note in [*votes.attrs["notes"], *log.attrs["notes"], *studies.attrs["notes"]]:
        say(f"note: {note}")
    for warning in resolved.warnings.itertuples():
        say(f"look at {warning.file}, row {warning.row}: '{warning.value}'; {warning.message}")
    registered = [(places.named(r, PATH), r["registration"]) for r in as_dicts(studies)]
    for line in trials.not_understood(registered):
        say(f"look at {line}")
    for line in without_record(resolved.unmatched):
        say(f"look at {line}")
    tables.write(resolved.included, out["included"], "screening/included")
    tables.write(resolved.excluded, out["excluded"], "screening/excluded")
    tables.write(resolved.awaiting, out["awaiting"], "screening/awaiting")
    tables.write(resolved.conflicts, out["conflicts"], "screening/conflicts")
    waits = resolved.warnings[resolved.warnings["waits"] != ""]
    at_odds = waits.rename(columns={"waits": "record_id", "message": "what"})
    columns = tables.columns("screening/at_odds")
    tables.write(at_odds[columns], out["at_odds"], "screening/at_odds")
    years = dict(zip(records["record_id"], records["year"], strict=True))
    exports = [(str(path), programs.of(path)) for path in paths["labelled"]]
    in_searches = searches[searches["votes_of"].fillna("") != ""]
    exports += [(f"{SEARCHES}/{r['file']}", r["votes_of"]) for r in as_dicts(in_searches)]
    names = decisions.by_name(records)
    not_taken = programs.not_taken(exports, names, years, votes, screening["reasons"])
    tables.write(not_taken, out["not_taken"], "screening/not_taken")
    missed = missed_reports.of(searches, copies, resolved.included)
    tables.write(missed, out["missed_reports"], "screening/missed_reports")
    stands = standing.of(records, resolved)
    tables.write(stands, out["standing"], "screening/standing")
    registrations = tables.read(paths["registrations"], "screening/registrations")
    listed = trials.of(registrations, stands, studies, decisions.by_name(records))
    tables.write(listed, out["trials"], "screening/trials")
    unmatched = resolved.unmatched.replace({"file": {DECISIONS: ""}})
    tables.write(unmatched, out["unmatched"], "screening/unmatched")
    pilot = assignment.pilot(records, resolved.original, found, assign)
    tables.write_json(agreement.measure(resolved.original, pilot), out["agreement"])
    tables.write_json(counts, out["flow"])
    tables.write(sought, out["fulltexts"], "screening/fulltexts")
    wanted = sought[sought["state"] == fulltexts.OUTSTANDING]
    tables.write_text(references.ris(references.of(records, wanted)), out["to_retrieve"])
    compared = machines.compare(records, votes, reviewers, resolved)
    tables.write(compared, out["machines"], "screening/machines")
    say(
        f"{len(records)} records: {len(resolved.included)} included, "
        f"{len(resolved.excluded)} excluded, {len(resolved.awaiting)} awaiting, "
        f"{len(resolved.conflicts)} in conflict, {len(resolved.not_retrieved)} not retrieved"
    )
    if len(theirs):
        say(f"{len(theirs)} votes of machines are kept apart and count nowhere")


def resolve(records, votes, screening: dict, **known):
    """The decisions brought onto the records; faults named by the file they stand in."""
    from livingmeta import tables
    from livingmeta.screening import decisions

    try:
        return decisions.resolve(
            records,
            votes,
            reviewers=screening["reviewers"],
            reasons=screening["reasons"],
            **known,
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
        for row in as_dicts(unmatched.head(SHOWN))
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
            snakemake.params.held,
            say,
        ),
    )
