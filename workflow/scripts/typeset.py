"""Set the report in type: as a Word file and as PDF."""

import os
import tempfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from livingmeta.run import cache, record

# Bytes of content and figures above which Word file and PDF are made one after the other.
LARGE = 4_000_000


def main(paths: dict, figures, prose, word, printed, protocol: dict, pictures, threads, say):
    """`paths`: of the report's content, of the tables that the checklists ask and of what stands
    beside the figures; `figures`: paths of the SVG files; `prose`: of the texts of people;
    `word`, `printed`: paths to write; `pictures`: PNGs of before, kept.Kept;
    `threads`: 2 for both at once."""
    given = (paths, list(figures), list(prose), protocol)
    if sum(map(os.path.getsize, [paths["content"], *figures])) > LARGE:
        say(_in_turn(given, word, printed, pictures))
        return
    from livingmeta import files
    from livingmeta.report.document import compiled

    document, drawn, content = _laid_out(*given)
    with ThreadPoolExecutor(threads) as both:  # Typst leaves Python free meanwhile
        typeset = both.submit(compiled.report, content)
        written = both.submit(_word, document, drawn, protocol, pictures)
    files.write(typeset.result(), printed)
    files.write(written.result(), word)
    say(_counted(document, drawn))


def _in_turn(given, word, printed, pictures):
    """Both files one after the other, each in a process that gives its memory back at its end, as
    Typst never does; none is loaded with what the other needs."""
    with tempfile.TemporaryDirectory() as folder:
        content = Path(folder) / "content.json"
        said = _apart(_word_first, given, word, pictures, content)
        _apart(_pdf_then, content, printed)
    return said


def _apart(work, *of):
    # Begun anew, not forked: a process that has used Typst has threads that no fork takes along.
    with ProcessPoolExecutor(1, get_context("spawn")) as one:
        return one.submit(work, *of).result()


def _word_first(given, word, pictures, content):
    from livingmeta import files

    document, drawn, laid_out = _laid_out(*given)
    content.write_text(laid_out, encoding="utf-8")
    files.write(_word(document, drawn, given[3], pictures), word)
    return _counted(document, drawn)


def _pdf_then(content, printed):
    from livingmeta.report.document import compiled

    compiled.report_of(content, printed)


def _laid_out(paths, figures, prose, protocol):
    """The document with its checklists, its drawings, and both as the template takes them."""
    from livingmeta import plan, tables
    from livingmeta.figures import drawn as drawings
    from livingmeta.package import answers_to_checklists
    from livingmeta.prose import checklists, texts
    from livingmeta.report import content, content_file
    from livingmeta.report.document import over_pages, typst

    document = content_file.to_document(tables.read_json(paths["content"]))
    asked = {
        "searches": tables.read(paths["searches"], "screening/searches"),
        "machines": tables.read(paths["machines"], "screening/machines"),
        "risk_of_bias": tables.read(paths["risk_of_bias"], "extraction/risk_of_bias"),
        "certainty": tables.read(paths["certainty"], "living/certainty"),
        "rob_me": tables.read(paths["rob_me"], "judgement/rob_me"),
        "registrations": tables.read(paths["registrations"], "pooling/registrations"),
        "amendments": tables.read(paths["amendments"], "living/amendments"),
    }
    lists = checklists.read()
    holding = checklists.facts(plan.Protocol.of(protocol), asked)
    written = texts.read(prose)
    answers = answers_to_checklists.table(lists, holding, set(document.anchors), written)
    appended = answers_to_checklists.blocks(lists, answers)
    document = content.with_appendix(document, appended)
    whole = drawings.read([paths["drawn"], paths["accumulated"]], figures)
    document, drawn = over_pages.spread(document, typst.drawings(document, whole))
    return document, drawn, typst.content(document, drawn, protocol["review"]["authors"])


def _word(document, drawn, protocol, pictures):
    from livingmeta.report.document import docx, typst

    made = {
        name: pictures.made(typst.png, f.svg, f.wide, 180, f.turned) for name, f in drawn.items()
    }
    pictures.tidy()
    return docx.write(document, drawn, made, protocol["review"]["authors"])


def _counted(document, drawn):
    return f"{len(document.main) + len(document.appendix)} blocks, {len(drawn)} figures"


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            snakemake.input.figures,
            snakemake.input.get("prose", []),
            snakemake.output.word,
            snakemake.output.printed,
            snakemake.params.protocol,
            cache.Kept(".snakemake/kept/typeset", snakemake.params.code),
            snakemake.threads,
            say,
        ),
    )
