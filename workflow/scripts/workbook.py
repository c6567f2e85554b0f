"""Write today's extraction as a workbook, data/raw/extraction/extraction.xlsx, to be filled in."""

import sys
from pathlib import Path

from livingmeta.run import record

BROUGHT = ("studies", "outcomes", "risk_of_bias", "certainty")


def main(raw: dict, records, included, protocol: dict, asked: dict, day: str, say, root="."):
    """`raw`: paths of the CSV files of the extraction by the names of BROUGHT; `records`,
    `included`: paths of those tables; `protocol`: outcomes and arms; `asked`: the `syntheses` and
    the `courses`; `day`: today, YYYY-MM-DD; `root`: the review's folder."""
    from livingmeta import plan, tables
    from livingmeta.extraction.workbook import made
    from livingmeta.words import english, settling

    written, kept = made.anew(
        {name: list(paths) for name, paths in raw.items()},
        tables.read(records, "screening/records"),
        tables.read(included, "screening/included"),
        plan.outcomes(protocol["outcomes"]),
        plan.arms(protocol["arms"]),
        plan.syntheses(asked["syntheses"]),
        plan.syntheses(asked["courses"]),
        words(),
        Path(root),
        day,
    )
    if written is None:
        say(f"{settling.WORKBOOK} holds all there is already; nothing to do.")
        return
    if written:
        studies = f"{written} {english.plural(written, 'study')}"
        say(f"wrote {settling.WORKBOOK}: {studies}. Fill it in, save it, and run snakemake.")
    else:
        say(f"wrote {settling.WORKBOOK}, without a study: none stands in the tables, and no report")
        say("is included yet. Ask for it again then; what is typed into it stays.")
    if kept:
        say(f"the one before is kept as {kept}")


def words() -> dict[str, list[str]]:
    """What judgements are made in, by sheet and column: the words of all tools, and GRADE's."""
    from livingmeta.extraction.workbook.layout import BIAS, CERTAINTY
    from livingmeta.judgement import certainty, tools

    known = tools.every().values()
    domains = [one.id for tool in known for one in tool.domains]
    judged = [one.word for tool in known for one in tool.judgements]
    answers = [word for tool in known for word in tool.answers]
    grade = [word for of in certainty.WORDS.values() for word in of]
    found = {
        f"{BIAS}!tool": tools.every(),
        f"{BIAS}!domain": [tools.OVERALL, *domains],
        f"{BIAS}!judgement": [*judged, *answers],
        f"{CERTAINTY}!judgement": grade,
    }
    return {column: list(dict.fromkeys(listed)) for column, listed in found.items()}


if __name__ == "__main__":

    def work(say):
        def told(line):
            """To the log, and to whoever is waiting."""
            say(line)
            print(line, file=sys.stderr, flush=True)

        main(
            {name: snakemake.input.get(name, []) for name in BROUGHT},
            snakemake.input.records,
            snakemake.input.included,
            snakemake.params.protocol,
            {"syntheses": snakemake.params.syntheses, "courses": snakemake.params.courses},
            snakemake.params.day,
            told,
        )

    record.of(snakemake, work)
