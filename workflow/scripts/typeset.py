"""Set the report in type: as a Word file and as PDF."""

from concurrent.futures import ThreadPoolExecutor

from livingmeta.run import cache, record


def main(paths: dict, figures, word, printed, protocol: dict, pictures, threads, say):
    """`paths`: of the report's content, of the tables that the checklists ask and of what stands
    beside the figures; `figures`: paths of the SVG files; `word`, `printed`: paths to write;
    `pictures`: PNGs of before, kept.Kept; `threads`: 2 for both at once."""
    from livingmeta import files, plan, tables
    from livingmeta.figures import drawn as drawings
    from livingmeta.package import checklists
    from livingmeta.report import content, content_file
    from livingmeta.report.document import docx, over_pages, typst

    document = content_file.to_document(tables.read_json(paths["content"]))
    asked = {
        "searches": tables.read(paths["searches"], "screening/searches"),
        "risk_of_bias": tables.read(paths["risk_of_bias"], "extraction/risk_of_bias"),
        "certainty": tables.read(paths["certainty"], "living/certainty"),
    }
    lists = checklists.read()
    holding = checklists.facts(plan.Protocol.of(protocol), asked)
    answers = checklists.table(lists, holding, set(document.anchors))
    document = content.with_appendix(document, checklists.blocks(lists, answers))
    whole = drawings.read([paths["drawn"], paths["accumulated"]], figures)
    document, drawn = over_pages.spread(document, typst.drawings(document, whole))
    authors = protocol["review"]["authors"]
    with ThreadPoolExecutor(threads) as both:  # Typst leaves Python free meanwhile
        typeset = both.submit(typst.write, document, drawn, authors)
        written = both.submit(
            lambda: docx.write(
                document,
                drawn,
                {name: pictures.made(typst.png, f.svg, f.wide) for name, f in drawn.items()},
                authors,
            )
        )
    files.write(typeset.result(), printed)
    files.write(written.result(), word)
    pictures.tidy()
    say(f"{len(document.main) + len(document.appendix)} blocks, {len(drawn)} figures")


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            snakemake.input.figures,
            snakemake.output.word,
            snakemake.output.printed,
            snakemake.params.protocol,
            cache.Kept(".snakemake/kept/typeset", snakemake.params.code),
            snakemake.threads,
            say,
        ),
    )
