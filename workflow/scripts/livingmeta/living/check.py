"""What is wrong with protocol and tables, and what waited at the last run, without running."""

import csv
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from livingmeta import protocol
from livingmeta.errors import InputError
from livingmeta.prose import texts
from livingmeta.run import closing, digests, held, new, record
from livingmeta.words import settling

# Tables without which there is no result.
NEEDED = (settling.SEARCHES, settling.DECISIONS, settling.STUDIES, settling.OUTCOMES)
MOST = 40  # sentences on one file; the rest is counted


def told(given: Mapping[str, Any]) -> str | int:
    """What `check` has to say of the current folder, as its exit: 0 where nothing is wrong, after
    saying so; else the text.

    `given`: what the command line says of the protocol, which must be nothing.
    """
    there: dict[str, Any] = {}
    wrong = list(dict.fromkeys(_wrong(given, there)))
    missing = [] if wrong else [path for path in NEEDED if not len(there[new.TABLES[path]])]
    words = [f"{len(wrong)} to mend:", *(f"  * {line}" for line in wrong)] if wrong else []
    words = words or ["Nothing is wrong with the protocol and the tables."]
    words += [f"Nothing stands yet in {', '.join(missing)}."] if missing else []
    text = "\n".join([*words, *_waited()])
    if wrong:
        return text
    print(text)
    return 0


def _wrong(given: Mapping[str, Any], there: dict[str, Any]) -> Iterator[str]:
    """Every sentence on what must be mended before a run, file by file; the tables that can be read
    go to `there`, by their schemas."""
    found: list[dict] = []
    yield from _problems(lambda: found.append(_protocol(given)))
    known = record.read_before("results/logs")
    for path, schema in new.TABLES.items():
        yield from _problems(partial(_take, there, path, schema, known))
    yield from _problems(partial(_with_workbooks, there, known))
    yield from _problems(lambda: held.must_stand(held.kinds(known), held.read()))
    yield from _problems(lambda: digests.files("data/raw"))
    yield from _problems(lambda: texts.read(digests.files(texts.FOLDER)))
    yield from _problems(lambda: _registered(known))
    if found:
        if left := [where for where, _ in new.placeholders(found[0])]:
            yield f"{new.PROTOCOL}: still to be written: {', '.join(left)}."
        if {"data/studies", "data/outcomes"} <= there.keys():
            yield from _problems(lambda: _names(there, found[0]))
        for judged in (_judged, _certain):
            yield from _problems(partial(judged, there, found[0]))
        if "data/studies" in there:
            yield from _problems(
                lambda: _columns(found[0]["report"]["forest"], there["data/studies"])
            )


def _protocol(given: Mapping[str, Any]) -> dict:
    return protocol.complete(protocol.alone(new.PROTOCOL, given))


def _registered(known: Collection[str]) -> None:
    from livingmeta.living.registered import registrations

    registrations.read(digests.kept(registrations.FOLDER, known))


def _take(there: dict[str, Any], path: str, schema: str, known: Collection[str]) -> None:
    from livingmeta import tables
    from livingmeta.extraction.workbook import brought

    of = {settling.OUTCOMES: "outcomes", settling.STUDIES: "studies"}
    of |= {settling.RISK_OF_BIAS: "risk_of_bias"}
    if name := of.get(path):  # and a file for each extractor beside it
        found = brought.together({name: digests.several(path, known)})
        there[schema] = getattr(found, name)
    else:
        there[schema] = tables.brought(digests.table(path, known), schema)


def _with_workbooks(there: dict[str, Any], known: Collection[str]) -> None:
    """The tables of the extraction as the workbooks beside them complete them."""
    if not (books := digests.several(settling.WORKBOOK, known)):
        return
    from livingmeta.extraction.workbook import brought

    paths = {name: path for name, (_, path) in brought.KEYED.items()}
    paths["outcomes"] = settling.OUTCOMES
    read = {name: path for name, path in paths.items() if new.TABLES[path] in there}
    csv = {name: digests.several(path) for name, path in read.items()}
    found = brought.together({**csv, "workbook": books})
    for name, path in read.items():
        there[new.TABLES[path]] = getattr(found, name)


def forest(wanted: Collection[str], studies: Sequence[str], workbooks: Sequence[str]) -> None:
    """Hold `report.forest` (`wanted`) to the columns of the studies in these files, before a run.

    Raises ProtocolError for a name that is none, TableError for a table that cannot be read.
    """
    # Nothing is read, nor pandas loaded, where it names what every review has.
    if not set(wanted) - set(protocol.FOREST) or not (studies or workbooks):
        return
    from livingmeta.extraction.workbook import brought

    _columns(wanted, brought.together({"studies": studies, "workbook": workbooks}).studies)


def _columns(wanted: Collection[str], studies: Any) -> None:
    from livingmeta import tables

    if len(studies):
        further = [c for c in studies if c not in (known := tables.columns("extraction/studies"))]
        protocol.must_be_columns(wanted, [c for c in [*known, *further] if c not in ("n", "row")])


def _names(there: dict[str, Any], protocol_: dict) -> None:
    """As the extraction reads them: names, units and numbers that cannot be."""
    from livingmeta import plan
    from livingmeta.extraction import names, outcomes

    of_outcomes, of_arms = plan.outcomes(protocol_["outcomes"]), plan.arms(protocol_["arms"])
    studies = there["data/studies"]["study_id"]
    read = names.as_known(there["data/outcomes"], studies, of_outcomes, of_arms)
    outcomes.tidy(read, studies, of_outcomes, of_arms, protocol_["time_unit"])


def _judged(there: dict[str, Any], protocol_: dict) -> None:
    """The names in the judgements of risk of bias, as the extraction reads them."""
    from livingmeta.judgement import assessments

    if {"data/studies", "data/risk_of_bias"} <= there.keys():
        named = assessments.called(protocol_["outcomes"], protocol_["syntheses"])
        assessments.known(there["data/risk_of_bias"], there["data/studies"]["study_id"], named)


def _certain(there: dict[str, Any], protocol_: dict) -> None:
    """The names in the judgements of certainty, as GRADE's facts are laid beside them."""
    from livingmeta.judgement import certainty

    if "data/certainty" in there:
        certainty.held(there["data/certainty"], tuple(protocol_["syntheses"]))


def _problems(do: Callable[[], Any]) -> list[str]:
    """What is wrong, as the error says that `do` ends in; the many of one kind counted."""
    try:
        do()
    except InputError as error:
        more = len(error.problems) - MOST
        return [*error.problems[:MOST], *([f"and {more} more of this file"] if more > 0 else [])]
    except OSError as error:
        return closing.at_start(error)
    return []


def _waited() -> list[str]:
    """What waited for people when the last run wrote its list, with the day of that run."""
    if not Path(settling.LIST).is_file():
        return [f"No run has listed yet what waits for people: {closing.command(4)}"]
    day = datetime.fromtimestamp(Path(settling.LIST).stat().st_mtime)
    try:
        waited = closing.waiting(".")
    except (KeyError, UnicodeDecodeError, csv.Error):
        return [f"{settling.LIST} cannot be read; a run makes it anew."]
    lines = [f"  {n:>5}  {settling.called(code, n)}" for code, n in waited.items()]
    head = f"At the last run ({day:%Y-%m-%d %H:%M})"
    return [f"{head} there waited for people:", *lines] if lines else [f"{head} nothing waited."]
