"""What can wait for a person: each kind as one row, with the words for it.

A kind is a row of KINDS, its code in `settle_kinds` of workflow/schemas/lists.yaml, and a function
of living/to_settle.py that finds it. `what` and `cure` are filled with the facts that it gives.
"""

from typing import Any, NamedTuple

# What a person has not decided, and at which reading.
STATES = {"undecided": "not decided yet", "unsure": "more must be read"}
STAGES = {"title-abstract": "title and abstract", "full-text": "full text"}

DECISIONS = "data/raw/screening/decisions.csv"
# It is read at both places, and counts as one.
REVIEWERS = ("data/raw/reviewers.csv", "data/raw/screening/reviewers.csv")
FULLTEXTS = "data/raw/fulltexts.csv"
SEARCHES = "data/raw/searches/searches.csv"
STUDIES = "data/raw/extraction/studies.csv"
OUTCOMES = "data/raw/extraction/outcomes.csv"
PROPOSALS = "data/raw/extraction/proposals.csv"
QUOTES = "data/raw/extraction/quotes.csv"
RISK_OF_BIAS = "data/raw/extraction/risk_of_bias.csv"
CERTAINTY = "data/raw/extraction/certainty.csv"
PROTOCOL = "config/config.yaml"
LIST = "results/to_settle.csv"
PAGE = "results/screening/screen.html"

# Columns of outcomes.csv, some of them optional, that tell a cell from another besides its place.
CELL_FURTHER = ("adjusted", "part", "event", "measured", "clusters")
# How the reason begins for which a study gives no effect of the parts that alone are printed.
ONLY_OF_PARTS = "only of parts, and nobody says which counts: "
# The same for comparisons of one trial whose shared arm cannot be counted once, and for those that
# count under the name of another; and how it is said of an effect that has its part of that arm.
SHARED_ARM = "one arm is shared by comparisons of a trial, and cannot be counted once: "
COUNTED_WITH = "counts with another comparison of its trial: "
SHARED_OUT = "shared out between comparisons of one trial"
# How it is said that an effect leaves the design of its study out of account.
AS_PRINTED = "clusters not accounted for: "
AS_PARALLEL = "patients in both arms taken as though in one each, which is too wide: "


class Kind(NamedTuple):
    """One kind of thing that waits.

    `weight`: `result` where settling it can change a number, `text` where it is owed to the report;
    `one`, `many`: what such things are called; `listed`: the table that tells most of them.
    """

    code: str
    weight: str
    stage: str
    one: str
    many: str
    listed: str
    what: str
    cure: str


KINDS = (
    Kind(
        "nothing-searched",
        "result",
        "screening",
        "search, the first: no export is there yet",
        "searches",
        LIST,
        "no export of a database stands there yet",
        "Put what the databases gave you there, in any subfolder, and a row for each file into "
        f"{SEARCHES}; then screen on results/screening/screen.html.",
    ),
    Kind(
        "undecided-record",
        "result",
        "screening",
        "record that awaits a decision",
        "records that await a decision",
        "results/screening/awaiting.csv",
        "{stage}: {state}",
        f"Decide on it in {DECISIONS}, or on the page {PAGE}.",
    ),
    Kind(
        "conflict-of-reviewers",
        "result",
        "screening",
        "conflict between reviewers",
        "conflicts between reviewers",
        "results/screening/conflicts.csv",
        "{stage}: {votes}",
        f"Add a row to {DECISIONS} whose reviewer is consensus.",
    ),
    Kind(
        "full-text-at-odds",
        "result",
        "screening",
        "full text that does not fit what is said of it",
        "full texts that do not fit what is said of them",
        "results/screening/fulltexts.csv",
        "{what}",
        f"Correct {FULLTEXTS}, the name of the file, or the decision in {DECISIONS}.",
    ),
    Kind(
        "machine",
        "result",
        "screening",
        "word of a machine to look at",
        "words of machines to look at",
        "results/screening/machines.csv",
        "{what}",
        f"Look at the record once more; a row of consensus in {DECISIONS} settles it. Who is no "
        f"person is called a machine in {REVIEWERS[0]}, and who is one a person.",
    ),
    Kind(
        "decision-without-record",
        "result",
        "screening",
        "decision whose record is gone",
        "decisions whose record is gone",
        "results/screening/unmatched.csv",
        "{stage}: {reviewer} says {decision}, and no export holds this record{perhaps}",
        "Name the record as an export has it, or bring the export that holds it.",
    ),
    Kind(
        "doubtful-duplicate",
        "result",
        "screening",
        "doubtful duplicate",
        "doubtful duplicates",
        "results/screening/doubtful.csv",
        "perhaps the same report as {other}: {rule}",
        "Add the pair to data/raw/screening/duplicates.csv, as same or as different.",
    ),
    Kind(
        "rejected-entry",
        "result",
        "screening",
        "entry of an export that could not be read",
        "entries of exports that could not be read",
        "results/screening/rejects.csv",
        "{reason}",
        "Export it once more, or mend it in the export.",
    ),
    Kind(
        "hits-unlike-records",
        "result",
        "screening",
        "export that does not hold the hits of its search",
        "exports that do not hold the hits of their search",
        "results/screening/searches.csv",
        "the database said {hits} hits, the file holds {found} records",
        f"Export the whole search once more, or correct hits in {SEARCHES}.",
    ),
    Kind(
        "unnamed-export",
        "result",
        "screening",
        "export of an unknown database and day",
        "exports of an unknown database and day",
        "results/screening/searches.csv",
        "no row of searches.csv says what was searched, and when",
        f"Add a row for it to {SEARCHES}.",
    ),
    Kind(
        "unread-file",
        "result",
        "screening",
        "file or folder that nobody reads",
        "files and folders that nobody reads",
        LIST,
        "no stage reads it{perhaps}",
        "Give it the name and place that config/README.md has for it, or take it out of data/raw.",
    ),
    Kind(
        "retracted-report",
        "result",
        "screening",
        "included report that was retracted or withdrawn",
        "included reports that were retracted or withdrawn",
        "results/screening/records.csv",
        "{flag}, and yet included",
        f"Exclude it in {DECISIONS}, or say in the protocol why it stays.",
    ),
    Kind(
        "report-without-study",
        "result",
        "extraction",
        "included report without a study",
        "included reports without a study",
        "results/screening/included.csv",
        "included, and no study names it among its records",
        f"Name it in the column records of {STUDIES}.",
    ),
    Kind(
        "study-not-screened",
        "result",
        "extraction",
        "study whose reports nobody has screened",
        "studies whose reports nobody has screened",
        "results/extraction/studies.csv",
        "none of its reports stands among the screened ones",
        f"Name its reports in the column records of {STUDIES}, as an export has them.",
    ),
    Kind(
        "printed-twice",
        "result",
        "extraction",
        "cell with two values",
        "cells with two values",
        LIST,
        "{cell}: {values}",
        f"In {OUTCOMES} delete the row that does not hold, name what tells the rows apart (part, "
        "adjusted, time), or add a row whose extractor is consensus.",
    ),
    Kind(
        "conflict-of-extractors",
        "result",
        "extraction",
        "conflict between extractors",
        "conflicts between extractors",
        LIST,
        "{cell}: {values}",
        f"Look it up together, and add to {OUTCOMES} a row whose extractor is consensus.",
    ),
    Kind(
        "quote-unlike",
        "result",
        "extraction",
        "quote that does not bear out its number",
        "quotes that do not bear out their numbers",
        "results/extraction/quotes.csv",
        "{cell}, {value}: {what}",
        f"Look it up in the report, and correct {OUTCOMES}: the number, the quote, or both.",
    ),
    Kind(
        "unread-text",
        "text",
        "extraction",
        "held full text that cannot be read",
        "held full texts that cannot be read",
        "results/extraction/quotes.csv",
        "{why}",
        "Quotes are not looked up in it until a text of it can be read; a .txt of the same name "
        "beside it will do.",
    ),
    Kind(
        "printed-misfit",
        "result",
        "extraction",
        "printed number that does not fit",
        "printed numbers that do not fit",
        "results/extraction/problems.csv",
        "{severity}, {check}: {message}{beside}",
        f"Look it up in the paper, and correct {OUTCOMES} if it is a slip.",
    ),
    Kind(
        "routes-disagree",
        "result",
        "effects",
        "route to one number that disagrees",
        "routes to one number that disagree",
        "results/effects/disagreements.csv",
        "{synthesis}: {message}",
        "Look up both numbers in the paper.",
    ),
    Kind(
        "parts-undecided",
        "result",
        "effects",
        "study of which parts alone are printed",
        "studies of which parts alone are printed",
        "results/effects/unusable.csv",
        "{synthesis}: only of parts, and nobody says which counts: {parts}",
        f"Add to {OUTCOMES} what the paper prints of all patients, or keep there the one part that "
        f"counts; of printed ratios or differences, several: aggregate in {PROTOCOL} makes one.",
    ),
    Kind(
        "shared-arm",
        "result",
        "effects",
        "arm shared by comparisons of one trial",
        "arms shared by comparisons of one trial",
        LIST,
        "{studies}: {what}",
        f"If it is one group of patients, shared_control in the synthesis ({PROTOCOL}) counts it "
        "once: join makes one effect of the comparisons, share divides the group among them; both "
        "need the numbers of each arm (events, or mean, SD and n), and alike in the shared one. If "
        f"not, correct {OUTCOMES}, or name each trial in the column trial of {STUDIES}.",
    ),
    Kind(
        "clusters-not-accounted",
        "result",
        "effects",
        "cluster trial without its design effect",
        "cluster trials without their design effect",
        "results/effects/effects.csv",
        "{syntheses}: {why}; the effect is used as printed, too narrow",
        f"Write icc, icc_source and cluster_size (the mean) into {STUDIES}; where what is printed "
        f"accounts for clusters already, say so in {OUTCOMES}: adjusted in the column clusters.",
    ),
    Kind(
        "pairs-not-accounted",
        "result",
        "effects",
        "crossover or paired study taken as parallel",
        "crossover or paired studies taken as parallel",
        "results/effects/effects.csv",
        "{syntheses}: {why}",
        f"Write correlation and correlation_source into {STUDIES}, or add to {OUTCOMES} what the "
        "paired analysis gives: the difference or ratio with its SE, interval or p, or a row of "
        "the statistic correlation for the two arms.",
    ),
    Kind(
        "study-without-effect",
        "result",
        "effects",
        "included study without an effect",
        "included studies without an effect",
        "results/effects/unusable.csv",
        "{reasons}",
        f"Add to {OUTCOMES} what the paper prints, or ask its authors.",
    ),
    Kind(
        "outcome-without-effect",
        "result",
        "effects",
        "outcome that an included study prints, without an effect",
        "outcomes that included studies print, without an effect",
        "results/effects/unusable.csv",
        "{outcome}: {reasons}",
        f"Add to {OUTCOMES} what the paper prints, or ask its authors.",
    ),
    Kind(
        "analysis-not-done",
        "result",
        "pooling",
        "planned analysis not done",
        "planned analyses not done",
        "results/pooling/decisions.csv",
        "{synthesis}: {rule}; {because}; {done}",
        "Bring what it needs, or take it out of the protocol.",
    ),
    Kind(
        "analysis-held-back",
        "text",
        "pooling",
        "planned analysis held back",
        "planned analyses held back",
        "results/pooling/decisions.csv",
        "{synthesis}: {rule}; {because}; {done}",
        "Say in the report that it was planned and not done.",
    ),
    Kind(
        "study-without-risk-of-bias",
        "text",
        "judgement",
        "included study whose risk of bias is not judged",
        "included studies whose risk of bias is not judged",
        LIST,
        "no judgement of its risk of bias",
        f"Judge it in {RISK_OF_BIAS}.",
    ),
    Kind(
        "synthesis-without-certainty",
        "text",
        "judgement",
        "result whose certainty is not judged",
        "results whose certainty is not judged",
        LIST,
        "{synthesis}: no judgement of its certainty",
        f"Judge it in {CERTAINTY}.",
    ),
)
OF = {kind.code: kind for kind in KINDS}
# Records on which somebody has still to decide.
TO_DECIDE = ("undecided-record", "conflict-of-reviewers")


def phrase(code: str, facts: dict[str, Any]) -> dict[str, str]:
    """The columns kind, weight, stage, what and cure of one thing that waits.

    Raises KeyError for a code or a fact that is not known.
    """
    kind = OF[code]
    words = {"what": kind.what.format(**facts), "cure": kind.cure}
    return {"kind": code, "weight": kind.weight, "stage": kind.stage, **words}


def called(code: str, count: int) -> str:
    """What so many things of a kind are called."""
    return OF[code].one if count == 1 else OF[code].many


def perhaps(name: str) -> str:
    """`; perhaps this was meant`, or nothing where no name is near."""
    return f"; perhaps {name} was meant" if name else ""


def without_effect(reasons: dict[str, list[str]]) -> str:
    """Why a study gives no effect: each reason, and in which syntheses; none if none takes it."""
    said = [f"{reason} ({', '.join(names)})" for reason, names in reasons.items()]
    return "; ".join(said) or "no synthesis of the protocol takes it"
