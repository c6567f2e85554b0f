"""Set the report and its supplement in type: each as a Word file and as PDF."""

import os
import tempfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from livingmeta.run import cache, record

# Bytes of content and figures above which Word files and PDFs are made one after the other.
LARGE = 4_000_000


def main(paths: dict, figures, prose, words, printed, protocol: dict, pictures, threads, say):
    """`paths`: of the report's content, of the tables that the checklists ask and of what stands
    beside the figures; `figures`: paths of the SVG files; `prose`: of the texts of people;
    `words`, `printed`: paths to write, of the report and of its supplement; `pictures`: PNGs of
    before, kept.Kept; `threads`: 2 for Word files and PDFs at once."""
    given = (paths, list(figures), list(prose), protocol)
    if sum(map(os.path.getsize, [paths["content"], *figures])) > LARGE:
        say(_in_turn(given, words, printed, pictures))
        return
    from livingmeta import files
    from livingmeta.report.document import compiled

    papers = _laid_out(*given)
    with ThreadPoolExecutor(threads) as both:  # Typst leaves Python free meanwhile
        typeset = [both.submit(compiled.report, content) for _, _, content in papers]
        written = both.submit(_words, papers, protocol, pictures)
    for to, one in zip(printed, typeset, strict=True):
        files.write(one.result(), to)
    for to, word in zip(words, written.result(), strict=True):
        files.write(word, to)
    say(_counted(papers))


def _in_turn(given, words, printed, pictures):
    """The files one after the other, each PDF in a process that gives its memory back at its end,
    as Typst never does; none is loaded with what the others need."""
    with tempfile.TemporaryDirectory() as folder:
        contents = [Path(folder) / f"{i}.json" for i in range(len(printed))]
        said = _apart(_words_first, given, words, pictures, contents)
        for content, to in zip(contents, printed, strict=True):
            _apart(_pdf_then, content, to)
    return said


def _apart(work, *of):
    # Begun anew, not forked: a process that has used Typst has threads that no fork takes along.
    with ProcessPoolExecutor(1, get_context("spawn")) as one:
        return one.submit(work, *of).result()


def _words_first(given, words, pictures, contents):
    from livingmeta import files

    papers = _laid_out(*given)
    for path, (_, _, content) in zip(contents, papers, strict=True):
        path.write_text(content, encoding="utf-8")
    for to, word in zip(words, _words(papers, given[3], pictures), strict=True):
        files.write(word, to)
    return _counted(papers)


def _pdf_then(content, printed):
    from livingmeta.report.document import compiled

    compiled.report_of(content, printed)


def _laid_out(paths, figures, prose, protocol):
    """The report and its supplement with the checklists, each with its drawings, and both as the
    template takes them."""
    from livingmeta import plan, tables
    from livingmeta.figures import drawn as drawings
    from livingmeta.package import answers_to_checklists
    from livingmeta.prose import checklists, texts
    from livingmeta.report import content, content_file
    from livingmeta.report.document import over_pages, papers, typst
    from livingmeta.words import language

    document = content_file.to_document(tables.read_json(paths["content"]))
    asked = {
        "searches": tables.read(paths["searches"], "screening/searches"),
        "machines": tables.read(paths["machines"], "screening/machines"),
        "risk_of_bias": tables.read(paths["risk_of_bias"], "extraction/risk_of_bias"),
        "certainty": tables.read(paths["certainty"], "living/certainty"),
        "contacts": tables.read(paths["contacts"], "extraction/contacts"),
        "rob_me": tables.read(paths["rob_me"], "judgement/rob_me"),
        "registrations": tables.read(paths["registrations"], "pooling/registrations"),
        "amendments": tables.read(paths["amendments"], "living/amendments"),
    }
    lists = checklists.read()
    holding = checklists.facts(plan.Protocol.of(protocol), asked)
    written = texts.read(prose)
    answers = answers_to_checklists.table(lists, holding, set(document.anchors), written)
    appended = answers_to_checklists.blocks(lists, answers)
    document = content.with_more(document, appended)
    whole = drawings.read([paths["drawn"], paths["accumulated"]], figures)
    spoken = language.read(document.language)
    found = []
    for paper in papers.cut(document, spoken):
        laid, drawn = over_pages.spread(paper, typst.drawings(paper, whole))
        found.append((laid, drawn, typst.content(laid, drawn, protocol["review"]["authors"])))
    return found


def _words(papers, protocol, pictures):
    from livingmeta.report.document import docx, typst

    found = []
    for paper, drawn, _ in papers:
        made = {
            name: pictures.made(typst.png, f.svg, f.wide, 180, f.turned)
            for name, f in drawn.items()
        }
        found.append(docx.write(paper, drawn, made, protocol["review"]["authors"]))
    pictures.tidy()
    return found


def _counted(papers):
    told = [f"{len(p.blocks)} blocks and {len(drawn)} figures" for p, drawn, _ in papers]
    return f"{told[0]}, and {told[1]} in the supplement"


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            snakemake.input.figures,
            snakemake.input.get("prose", []),
            snakemake.output.words,
            snakemake.output.printed,
            snakemake.params.protocol,
            cache.Kept(".snakemake/kept/typeset", snakemake.params.code),
            snakemake.threads,
            say,
        ),
    )
