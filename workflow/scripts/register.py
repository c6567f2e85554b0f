"""Freeze the protocol as the plan of this review, or as an amendment of it, with today's day."""

import sys

from livingmeta.run import record


def main(whole: dict, raw: dict, day: str, say, root="."):
    """`whole`: the protocol, completed; `raw`: paths of outcomes, workbook, proposals, curves and
    of what is `registered` already; `day`: today, YYYY-MM-DD; `root`: the review's folder."""
    from pathlib import Path

    from livingmeta import courses, tables
    from livingmeta.extraction.workbook import brought
    from livingmeta.living.registered import registrations
    from livingmeta.run import new
    from livingmeta.words import english

    whole = courses.together(whole)
    if left := [where for where, _ in new.placeholders(whole)]:
        raise registrations.RegistrationError(
            f"{new.PROTOCOL}: still to be written: {', '.join(left)}. A plan is registered once "
            "all of it stands."
        )
    known = registrations.read(raw["registered"])
    paths = {"outcomes": list(raw["outcomes"]), "workbook": list(raw["workbook"])}
    printed = len(brought.together(paths).outcomes)
    printed += len(tables.brought(list(raw["proposals"]), "data/outcomes"))
    made = registrations.make(whole, day, printed, len(raw["curves"]), known)
    if made is None:
        say(f"{known[-1].file} is this very protocol; nothing to do.")
        return
    path = registrations.keep(*made, Path(root) / registrations.FOLDER)
    what = f"an amendment of the plan of {known[0].registered_on}" if known else "the plan"
    say(f"wrote {path.relative_to(root).as_posix()}, {what}; SHA-256 {made[1]['sha256']}")
    say("Commit it, and deposit it where it has a day that others vouch for, such as OSF.")
    if stood := [
        f"{count:,} {english.plural(count, word)}"
        for count, word in ((printed, "printed number"), (len(raw["curves"]), "digitised curve"))
        if count
    ]:
        say(f"{english.listed(stood)} of outcomes stood already: the file and the report say so.")


if __name__ == "__main__":

    def work(say):
        def told(line):
            """To the log, and to whoever is waiting."""
            say(line)
            print(line, file=sys.stderr, flush=True)

        names = ("outcomes", "workbook", "proposals", "curves", "registered")
        raw = {name: list(snakemake.input.get(name, [])) for name in names}
        main(snakemake.params.protocol, raw, snakemake.params.day, told)

    record.of(snakemake, work)
