"""List what waits for a person, and how far new records could move which result."""

from livingmeta.run import record

TABLES = (
    "screening/searches",
    "screening/records",
    "screening/doubtful",
    "screening/unsettled",
    "screening/notices",
    "screening/rejects",
    "screening/included",
    "screening/excluded",
    "screening/awaiting",
    "screening/conflicts",
    "screening/unmatched",
    "screening/at_odds",
    "screening/not_taken",
    "screening/machines",
    "screening/fulltexts",
    "screening/queue",
    "screening/trials",
    "extraction/studies",
    "extraction/outcomes",
    "extraction/study_fields",
    "extraction/curve_readings",
    "extraction/risk_of_bias",
    "extraction/problems",
    "extraction/overlaps",
    "extraction/quotes",
    "effects/effects",
    "effects/used",
    "effects/unusable",
    "effects/intervals",
    "effects/disagreements",
    "pooling/pooled",
    "pooling/decisions",
    "pooling/prespecified",
    "pooling/registrations",
    "living/certainty",
    "living/changes",
    "judgement/to_judge",
    "judgement/rob_me",
    "extraction/contacts",
    "judgement/inspect_sr",
)
# What people, and searches, bring beside the exports: [path] by table, or [].
RAW = ("data/sentinel", "data/states", "data/known_items")
OWN = {schema.rsplit("/", 1)[1]: schema for schema in RAW}


def main(paths: dict, own: dict, params, out: dict, say):
    """`paths`: path by table; `own`: the paths of each table of RAW, of `reviewers`, of people's
    texts, `prose`, and of their `reasons` for changing the plan. `params`: `brought`, the files
    under data/raw; `asked`, outcome and arms of each synthesis; `joins`, the parts of arms made of
    others; `search`, that key of the protocol; `unsaid`, what it leaves to be taken; `named`, what
    in it names values of studies.csv; `protocol`, what the checklists ask of it. `out`: paths to
    write."""
    from livingmeta import plan, tables
    from livingmeta.living import to_settle
    from livingmeta.living.news import new_records
    from livingmeta.living.registered import amendments
    from livingmeta.living.search import services
    from livingmeta.prose import checklists, texts
    from livingmeta.screening import machines

    found = {name.rsplit("/", 1)[1]: name for name in TABLES}
    read = {name: tables.read(paths[name], schema) for name, schema in found.items()}
    read["reviewers"] = machines.declared(own["reviewers"])
    read |= {name: tables.brought(own[name], schema) for name, schema in OWN.items()}
    # The protocol may have no query any more for a database that missed something once.
    databases = [services.SERVICES[key].NAME for key in services.named(params.search)]
    missed = read["known_items"]
    read["known_items"] = missed[missed["database"].isin(databases)]
    written = texts.read(own["prose"])  # first: it names a text that is not UTF-8
    said = amendments.read(own["reasons"])
    read["amendments"] = amendments.table(read["prespecified"], said)
    tables.write(read["amendments"], out["amendments"], "living/amendments")
    holding = checklists.facts(plan.Protocol.of(params.protocol), read)
    owed = checklists.owed(checklists.read(), holding, written)
    table = to_settle.everything(
        read,
        params.brought,
        params.asked,
        params.joins,
        owed,
        params.unsaid,
        params.named,
    )
    tables.write(table, out["table"], "to_settle")
    tables.write(new_records.table(read), out["news"], "living/news")
    for weight in ("result", "text"):
        say(f"{(table['weight'] == weight).sum()} of weight {weight}")


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            {
                name: snakemake.input.get(name, [])
                for name in (*OWN, "reviewers", "prose", "reasons")
            },
            snakemake.params,
            dict(snakemake.output.items()),
            say,
        ),
    )
