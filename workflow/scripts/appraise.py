"""Lay out what people judge: facts for GRADE and INSPECT-SR, findings, results that are missing."""

from livingmeta.run import record

BROUGHT = ("certainty", "workbook", "rob_me", "states", "reviewers")


def main(paths: dict, brought: dict, out: dict, syntheses: dict, protocol: dict, say):
    """`paths`: path by table; `brought`: paths of certainty.csv, of workbooks, of rob_me.csv and of
    reviewers.csv in lists, which are empty where nobody brought them; `out`: path by table;
    `protocol`: outcomes, arms and unit of time."""
    from livingmeta import plan, tables
    from livingmeta.effects.several import of_studies
    from livingmeta.extraction.studies import by_identifier
    from livingmeta.extraction.workbook.brought import together
    from livingmeta.judgement import (
        certainty,
        facts,
        findings,
        inspect_sr,
        posted,
        rob_me,
        unpublished,
    )
    from livingmeta.screening import machines
    from livingmeta.words import settling

    asked = plan.syntheses(syntheses)
    given = plan.Protocol.of(protocol)
    judged = together({name: brought[name] for name in ("certainty", "workbook")}).certainty
    machines.must_be_people(
        machines.declared(brought["reviewers"]),
        [
            (f"{path}, column assessor", name)
            for path, table in (
                (settling.CERTAINTY, judged),
                (settling.ROB_ME, tables.brought(brought["rob_me"], "data/rob_me")),
            )
            for name in table["assessor"]
        ],
    )
    sure = certainty.held(judged, tuple(syntheses))
    read = {
        name: tables.read(paths[name], schema)
        for name, schema in (
            ("effects", "effects/effects"),
            ("used", "effects/used"),
            ("risk_of_bias", "extraction/risk_of_bias"),
            ("pooled", "pooling/pooled"),
            ("small_study", "pooling/small_study"),
            ("absolute", "pooling/absolute"),
        )
    }
    read["effects"] = of_studies(read["effects"])
    printed = tables.read(paths["outcomes"], "extraction/outcomes")
    unusable = tables.read(paths["unusable"], "effects/unusable")
    states, notices = tables.brought(brought["states"], "data/states"), {}
    if len(states):  # of a large review records take longer to read than all the rest
        record_of = by_identifier(tables.read(paths["records"], "screening/records"))
        notices = inspect_sr.notices_of(states, record_of)
    trials = tables.read(paths["trials"], "screening/trials")
    labels = {name: outcome.label for name, outcome in given.outcomes.items()}
    trusted = inspect_sr.found(
        tables.read(paths["studies"], "extraction/studies"),
        tables.read(paths["problems"], "extraction/problems"),
        printed,
        trials,
        read["effects"]["study_id"],
        labels,
        notices,
        posted.found(
            tables.read(paths["posted"], "screening/posted"),
            trials,
            printed,
            posted.Known(
                labels, {name: arm.label for name, arm in given.arms.items()}, given.time_unit
            ),
        ),
    )
    path = next(iter(brought["rob_me"]), None)
    days = tables.read(paths["searches"], "screening/searches")["searched_on"].dropna()
    ended = unpublished.of(trials, days.astype(str), asked, labels)
    read["rob_me"] = rob_me.matrix(
        read["effects"], unusable, printed, asked, path, ended, trials["number"]
    )
    read["certainty"] = sure
    known = facts.of_all(read, asked)
    to_judge = facts.to_judge(known, sure)
    tables.write(sure, out["certainty"], "living/certainty")
    tables.write(known, out["grade_facts"], "judgement/grade_facts")
    tables.write(to_judge, out["to_judge"], "judgement/to_judge")
    tables.write(read["rob_me"], out["rob_me"], "judgement/rob_me")
    tables.write(trusted, out["inspect_sr"], "judgement/inspect_sr")
    summary = findings.summary(
        read | {"outcomes": printed, "unusable": unusable}, asked, given.outcomes, given.arms
    )
    tables.write(summary, out["summary_of_findings"], "judgement/summary_of_findings")
    say(f"{len(trusted)} findings for INSPECT-SR on {trusted['study_id'].nunique()} studies")
    say(f"{len(known)} facts of {known['synthesis'].nunique()} results laid out")
    say(f"{(to_judge['moved'] != '').sum()} judgements whose facts have moved")


if __name__ == "__main__":
    out = {name: path for name, path in snakemake.output.items() if name != "done"}
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            {name: snakemake.input.get(name, []) for name in BROUGHT},
            out,
            snakemake.params.syntheses,
            snakemake.params.protocol,
            say,
        ),
    )
