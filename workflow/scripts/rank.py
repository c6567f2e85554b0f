"""Rank what is still to be screened, say what may lie unseen, and make the pages to decide on."""

from livingmeta.run import record


def main(paths: dict, out: dict, review: dict, screening: dict, held: list, say):
    """`paths`: path by input; `out`: path by file to write; `review`, `screening`: those parts of
    the protocol; `held`: paths of the full texts in data/raw."""
    import pandas as pd

    from livingmeta import plan, tables
    from livingmeta.screening import (
        assignment,
        decisions,
        desk,
        dropped,
        fulltexts,
        machines,
        page,
        progress,
        queue,
        stopping,
        terms,
    )
    from livingmeta.screening.readers import asreview

    records = tables.read(paths["records"], "screening/records")
    searches = tables.read(paths["searches"], "screening/searches")
    cast = dropped.read(paths["decisions"], "data/decisions")
    cast, theirs = machines.apart(cast, machines.declared(paths["reviewers"]))
    about, rules = plan.Review.of(review), plan.Screening.of(screening)
    copies = tables.read(paths["copies"], "screening/copies")
    found = assignment.found_on(copies, searches)
    log = dropped.read(paths["fulltexts"], "data/fulltexts")
    noted, _ = fulltexts.by_record(log, decisions.by_name(records))
    resolved = decisions.resolve(
        records,
        cast,
        reviewers=rules.reviewers,
        reasons=rules.reasons,
        unobtained=fulltexts.unobtained(noted),
        since=found,
        pilot=assignment.of_pilot(records, found, rules.assign),
    )
    asked = terms.included(about, rules)
    waiting = pd.concat([queue.at(records, resolved, s, asked) for s in decisions.STAGES])
    who = assignment.readers(records, resolved.original, found, rules.assign)
    first = assignment.pilot(records, resolved.original, found, rules.assign)
    waiting = assignment.told(waiting, who, first)
    statement = stopping.statement(
        **stopping.observed(copies, resolved, searches),
        recall=rules.stopping.recall,
        confidence=rules.stopping.confidence,
    )
    html = page.render(
        waiting,
        records,
        resolved.votes,
        review=about,
        screening=rules,
        statement=statement,
        machines=machines.told(records, theirs),
        held=fulltexts.files_of(held, decisions.by_name(records))[0],
    )
    tables.write(waiting, out["queue"], "screening/queue")
    tables.write(asreview.dataset(records, resolved), out["asreview"], "screening/asreview")
    # The stage where records are many, and where reading may stop early.
    tables.write_json({"stage": decisions.STAGES[0], **statement}, out["stopping"])
    tables.write(progress.by_person(resolved, who), out["progress"], "screening/progress")
    tables.write_text(html, out["page"])
    compared = {
        schema.rpartition("/")[2]: tables.read(paths[schema.rpartition("/")[2]], schema)
        for schema in ("screening/duplicates", "screening/doubtful", "screening/linked")
    }
    settle = desk.render(records, resolved, compared, review=about, screening=rules)
    tables.write_text(settle, out["desk"])
    for stage in decisions.STAGES:
        say(f"{(waiting['stage'] == stage).sum()} records await a decision at {stage}")
    say(statement["sentence"])


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            dict(snakemake.output.items()),
            snakemake.params.review,
            snakemake.params.screening,
            snakemake.params.held,
            say,
        ),
    )
