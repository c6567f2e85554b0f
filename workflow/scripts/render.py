"""Render the report, its content, the pages on changes and news, and every number they print."""

from livingmeta.run import record

TABLES = (
    "to_settle",
    "screening/searches",
    "screening/records",
    "screening/duplicates",
    "screening/doubtful",
    "screening/rejects",
    "screening/included",
    "screening/excluded",
    "screening/awaiting",
    "screening/conflicts",
    "screening/unmatched",
    "screening/machines",
    "screening/fulltexts",
    "screening/trials",
    "screening/missed_reports",
    "extraction/studies",
    "extraction/outcomes",
    "extraction/risk_of_bias",
    "extraction/problems",
    "extraction/contacts",
    "extraction/readings",
    "extraction/quotes",
    "extraction/curves",
    "extraction/curve_readings",
    "effects/effects",
    "effects/used",
    "effects/routes",
    "effects/unusable",
    "pooling/pooled",
    "pooling/influence",
    "pooling/cumulative",
    "pooling/gosh",
    "pooling/small_study",
    "pooling/moderators",
    "pooling/predicted",
    "pooling/decisions",
    "pooling/absolute",
    "pooling/narrative",
    "pooling/over_time",
    "pooling/course",
    "pooling/courses",
    "pooling/second_opinion",
    "pooling/registrations",
    "pooling/prespecified",
    "living/amendments",
    "effects/intervals",
    "living/certainty",
    "living/news",
    "judgement/summary_of_findings",
    "judgement/grade_facts",
    "judgement/to_judge",
    "judgement/rob_me",
    "judgement/inspect_sr",
    "living/information_size",
    "living/information_looks",
)


def main(paths: dict, figures, prose, to: dict, protocol: dict, say):
    """`paths`: path by table, of flow, agreement and changes, and of what stands beside the
    figures; `figures`: paths of the SVG files; `prose`: of the texts of people; `to`: paths to
    write, of the report, its content, the pages on changes and of news (`alert`) and its paragraph
    (`mail`), the numbers, drafts of sentences, numbers typed by hand and
    what stays in English; `protocol`: all of it, since it is printed."""
    import pandas as pd

    from livingmeta import plan, tables
    from livingmeta.figures import drawn
    from livingmeta.prose import texts
    from livingmeta.report import content_file
    from livingmeta.report.page import changes as changes_page
    from livingmeta.report.page import news, page
    from livingmeta.report.prose import drafts, typed
    from livingmeta.words import language

    read = {}
    for schema in TABLES:
        name = schema.rpartition("/")[2]
        read[name] = tables.read(paths[name], schema)
    read["proposers"] = tables.read(paths["proposers"], "extraction/machines")
    read["extracted"] = tables.read(paths["extracted"], "extraction/agreement")
    read["history"] = tables.read(paths["history"], "living/cumulative")
    pictures = drawn.read([paths["drawn"], paths["accumulated"]], figures)
    flow = tables.read_json(paths["flow"])
    agreement = tables.read_json(paths["agreement"])
    changes = tables.read_json(paths["changes"])
    written = texts.read(prose)
    spoken = language.read(protocol["report"]["language"], page.named(protocol, read, agreement))
    html, printed, content, references, by_hand = page.render(
        protocol,
        read,
        flow,
        pictures,
        agreement=agreement,
        changes=changes,
        written=written,
        cited=_cited(texts.cited(prose)),
        spoken=spoken,
    )
    left = pd.DataFrame(sorted(spoken.missing.items()), columns=["english", "times"])
    tables.write(left, to["untranslated"], "prose/untranslated")
    tables.write(pd.DataFrame(by_hand, columns=typed.COLUMNS), to["typed"], "prose/typed")
    tables.write_text(drafts.text(plan.Protocol.of(protocol), read, printed), to["drafts"])
    rows = tables.read(paths["changed"], "living/changes")
    update, printed = changes_page.render(
        plan.Review.of(protocol["review"]), changes, rows, read["studies"], printed, pictures
    )
    alert, mail, printed = news.render(
        plan.Protocol.of(protocol), changes, read | {"changed": rows}, printed
    )
    tables.write_text(alert, to["alert"])
    tables.write_text(mail, to["mail"])
    tables.write_text(html, to["report"])
    tables.write_json(content_file.of_document(content), to["content"])
    tables.write_text(update, to["changes"])
    tables.write_json(printed, to["numbers"])
    tables.write_json(references, to["references"])
    say(f"{len(printed)} numbers in {to['report']} and {to['changes']}")
    if len(by_hand):
        say(f"{len(by_hand)} numbers of data/raw/prose may not follow the result: {to['typed']}")
    if len(left):
        say(f"{len(left)} clauses of the report stand in English: {to['untranslated']}")


def _cited(paths):
    """The records of the exports that texts cite from, in the order of the files."""
    import pandas as pd

    from livingmeta.errors import InputError
    from livingmeta.screening.readers import export

    found = []
    for path in paths:
        try:
            records, rejects = export.read(path)
        except export.ReadError as error:
            raise InputError(str(error)) from None
        if len(rejects):
            first = rejects.iloc[0]
            raise InputError(f"{path}, line {first['line']}: {first['reason']}.")
        found.append(records)
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


if __name__ == "__main__":
    named = dict(snakemake.input.items())
    figures, prose = named.pop("figures"), named.pop("prose", [])
    record.of(
        snakemake,
        lambda say: main(
            named,
            figures,
            prose,
            dict(snakemake.output.items()),
            snakemake.params.protocol,
            say,
        ),
    )
