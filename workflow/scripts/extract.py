"""Convert the printed numbers to common units and try them against each other."""

from livingmeta.run import record

# What a record that stands there makes of its study.
STATUS = {
    "included": "included",
    "excluded": "excluded",
    "undecided": "awaiting",
    "unsure": "awaiting",
    "conflict": "awaiting",
    "not-retrieved": "awaiting",  # nobody has judged it
}


def main(raw: dict, records, standing, registrations, out: dict, protocol: dict, say):
    """`raw`: paths of what people brought, each [path] or [] (curves, workbook: any number);
    `records`, `standing`, `registrations`: paths of those tables; `out`: paths to write."""
    from livingmeta import plan, tables
    from livingmeta.extraction import (
        agreement,
        names,
        outcomes,
        overlap,
        places,
        proposals,
        sentinel,
        settled,
        studies,
        study_readings,
    )
    from livingmeta.extraction.checks import run
    from livingmeta.extraction.curves import digitisers, read
    from livingmeta.extraction.desk import cases
    from livingmeta.extraction.workbook import brought
    from livingmeta.judgement import apart, assessments
    from livingmeta.prose import contacts
    from livingmeta.screening import machines
    from livingmeta.words import people as people_words
    from livingmeta.words import settling

    known = tables.read(records, "screening/records")
    stand = tables.read(standing, "screening/standing")
    pairs = zip(stand["record_id"], stand["state"], strict=True)
    state = {record_id: STATUS[at] for record_id, at in pairs if at in STATUS}
    until = protocol["extraction"]["until_settled"]
    read_in = brought.together(raw, until)
    study_table = read_in.studies
    of_outcomes, of_arms = plan.outcomes(protocol["outcomes"]), plan.arms(protocol["arms"])
    proposed = tables.brought(raw["proposals"], "data/outcomes")
    reviewers = machines.declared(raw["reviewers"])
    as_typed, proposed = proposals.apart(read_in.outcomes, proposed, reviewers)
    outcome_table = names.as_known(as_typed, study_table["study_id"], of_outcomes, of_arms)
    judged = []
    if raw["risk_of_bias"] or len(read_in.risk_of_bias):
        if settling.RISK_COLUMN in study_table:
            own = ", ".join([*raw["studies"], *raw["workbook"]])
            path = next(iter(raw["risk_of_bias"]), "the judgements in it")
            raise tables.TableError(
                [
                    f"{own}: the column {settling.RISK_COLUMN} stands beside {path}, which says "
                    "more; call the column otherwise, or remove one of the two."
                ]
            )
        named = assessments.called(protocol["outcomes"], protocol["syntheses"])
        judged = assessments.known(read_in.risk_of_bias, study_table["study_id"], named)
    cut_offs = protocol["risk_of_bias"]["cut_offs"]
    within = {name: one["outcome"] for name, one in protocol["syntheses"].items()}
    bias_table = assessments.settled(judged, cut_offs, until, within)
    record_of = studies.by_identifier(known)
    overlap.must_name_studies(study_table)

    def in_units(table):
        known = names.as_known(table, study_table["study_id"], of_outcomes, of_arms)
        of = (study_table["study_id"], of_outcomes, of_arms, protocol["time_unit"])
        return outcomes.tidy(known, *of)

    tidy = in_units(outcome_table)
    assessors = [record["assessor"] for record in judged]
    people = [*tidy["extractor"], *read_in.readers, *assessors]
    drawings = read.read(raw["curves"], protocol["time_unit"], of_outcomes, people)
    points = [one.points for one in drawings]
    signed = [(f"{settling.STUDIES}, and files beside it", name) for name in read_in.readers]
    signed += [(f"{settling.RISK_OF_BIAS}, column assessor", name) for name in assessors]
    signed += [(f"{settling.OUTCOMES}, column extractor", name) for name in as_typed["extractor"]]
    machines.must_be_people(reviewers, [*signed, *((one.file, one.by) for one in drawings)])
    everybody = [*people, *(one.by for one in drawings)]
    # The rows are taken by the whole name; a part of it serves for who digitised alone.
    meant = people_words.of_one(until, everybody)
    settled.must_be_known(until if meant in people else meant, everybody)
    drawn = read.rebuild_all(drawings, tidy, until)
    with_status = studies.with_status(study_table, record_of, state)
    survival = [name for name, of in of_outcomes.items() if of.kind == "survival"]
    one_unit = plan.one_unit(of_outcomes, plan.syntheses(protocol["syntheses"]))
    repeated = [name for name, of in of_outcomes.items() if of.kind == "count"]
    of_review = (protocol["time_unit"], survival, one_unit, drawn.curves, plan.joins(of_arms))
    newest = studies.newest_report(with_status, known)
    units = {name: of.unit for name, of in of_outcomes.items() if of.unit}
    problems = run.check(tidy, with_status, *of_review, repeated, newest, units)
    answers = tables.brought(raw["sentinel"], "data/sentinel")
    sentinel.must_be_known(answers, list(with_status["study_id"]), record_of)
    asked = contacts.table(
        tables.brought(raw["contacts"], "data/contacts"), set(study_table["study_id"])
    )
    overlaps = overlap.pairs(
        with_status,
        tidy,
        problems,
        answers,
        tables.read(registrations, "screening/registrations"),
        known,
    )
    states = tables.brought(raw["states"], "data/states")
    flags = sentinel.flagged(with_status, known, answers, states, record_of)
    with_status = with_status.assign(**{name: flags[name] for name in flags})
    if open_ := study_readings.unsettled(read_in.fields):
        with_status["unsettled"] = with_status["study_id"].map(open_).fillna("")
    with_status["shares_with"] = overlap.shared_with(overlaps, with_status["study_id"])
    for table in (study_table, with_status, outcome_table, read_in.risk_of_bias, *points):
        for note in table.attrs.get("notes", []):
            say(f"note: {note}")
    say(f"{len(with_status)} studies: " + counted(with_status["status"]))
    say(f"{len(tidy)} printed statistics, {problems['problem_id'].nunique()} things to look at")
    say(f"{len(bias_table)} judgements of risk of bias: {counted(bias_table['state'])}")
    say(f"{len(drawn.curves)} digitised curves, {len(drawn.waiting)} to be settled")
    tables.write(with_status, out["studies"], "extraction/studies")
    tables.write(tidy, out["outcomes"], "extraction/outcomes")
    tables.write(bias_table, out["risk_of_bias"], "extraction/risk_of_bias")
    tables.write(places.beside(problems, tidy), out["problems"], "extraction/problems")
    tables.write(overlaps, out["overlaps"], "extraction/overlaps")
    tables.write(asked, out["contacts"], "extraction/contacts")
    two = agreement.compare(tidy)
    compared = proposals.compare(proposed, tidy, in_units)
    tables.write(compared, out["proposals"], "extraction/proposals")
    unsettled = proposals.open_of(proposed, compared, in_units)
    side_by_side = cases.of_numbers(outcome_table, tidy, problems, unsettled)
    differing = study_readings.cases(read_in.fields, study_table)
    differing += apart.cases(judged, bias_table, within)
    tables.write_json(cases.together(side_by_side, differing), out["side_by_side"])
    tables.write(proposals.accuracy(compared, tidy), out["machines"], "extraction/machines")
    tables.write(two.readings, out["readings"], "extraction/readings")
    others = [*study_readings.agree(read_in.fields), *apart.agree(judged)]
    others += digitisers.agree(drawn.read)
    agreed = agreement.together(two.agreement, others)
    tables.write(agreed, out["agreement"], "extraction/agreement")
    fields = study_readings.table_of(read_in.fields)
    tables.write(fields, out["study_fields"], "extraction/study_fields")
    tables.write(read.quality(drawn.curves, drawings), out["curves"], "extraction/curves")
    tables.write(read.individual(drawn.curves), out["individual"], "extraction/individual")
    twice = digitisers.table(drawn.read, protocol["times"])
    tables.write(twice, out["curve_readings"], "extraction/curve_readings")


def counted(values) -> str:
    return ", ".join(f"{n} {value}" for value, n in values.value_counts().sort_index().items())


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            {
                "studies": snakemake.input.studies,
                "outcomes": snakemake.input.get("outcomes", []),
                "workbook": snakemake.input.get("workbook", []),
                "proposals": snakemake.input.get("proposals", []),
                "reviewers": snakemake.input.get("reviewers", []),
                "risk_of_bias": snakemake.input.get("risk_of_bias", []),
                "curves": snakemake.input.get("curves", []),
                "sentinel": snakemake.input.get("sentinel", []),
                "states": snakemake.input.get("states", []),
                "contacts": snakemake.input.get("contacts", []),
            },
            snakemake.input.records,
            snakemake.input.standing,
            snakemake.input.registrations,
            dict(snakemake.output.items()),
            snakemake.params.protocol,
            say,
        ),
    )
