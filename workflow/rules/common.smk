"""The protocol, checked before anything runs, and what every rule needs of it."""

import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

# Beside this file, whichever workflow has it as a module.
sys.path.insert(0, str(Path(workflow.current_basedir).parent / "scripts"))

from livingmeta import files, protocol, taken
from livingmeta.effect_measures import MEASURES
from livingmeta.run import claim, closing, digests, engine, held, new, prune, record
from livingmeta.living import check, versions


def stop(head, error):
    """End a run that cannot begin. Whoever started it sees what to mend and nothing else."""
    if engine.leads(workflow):
        sys.exit(closing.unbegun(head, error))
    raise WorkflowError(head, *closing.at_start(error))


# `snakemake new`, `check` and `changes` need no job: they are done while this is read.
if engine.leads(workflow) and engine.commanded("new"):
    try:
        written = new.make(config, new.at_terminal(), engine.dry(workflow))
        print(*written, sep="\n", file=sys.stderr)
    except Exception as error:
        stop("Nothing was written.", error)
    sys.exit(0)
if engine.leads(workflow) and engine.commanded("check"):
    sys.exit(check.told(config))
if engine.leads(workflow) and engine.commanded("changes"):
    from livingmeta.report.page import between  # no run but this needs it

    try:
        print(*between.write(config), sep="\n", file=sys.stderr)
    except Exception as error:
        stop("The releases cannot be compared.", error)
    sys.exit(0)

try:
    engine.must_start(sys.executable)
except Exception as error:
    stop("Nothing can be run.", error)

# Another workflow that has this one as a module may give the protocol itself, all of it.
PROTOCOL = [] if config and engine.is_module(workflow) else ["config/config.yaml"]
try:
    for path in PROTOCOL:
        # Read by our own reader alone: Snakemake's takes 010 for 8 and lets a key given twice win.
        config = protocol.alone(path, config)
except Exception as error:
    stop("The protocol cannot be read.", error)
try:
    whole = protocol.complete(config, *(PROTOCOL or ["config of the module"]))
    UNSAID = taken.unsaid(config)
    config = whole
except Exception as error:
    stop("The protocol cannot be run.", error)

# Outputs are marked `update`, so that a failed job leaves the earlier ones in place. Snakemake would
# then take those for current; the record `done`, which a failed job leaves missing and which the next
# stage waits for, is what tells it otherwise.
RUN = ".snakemake/run"
DUE = ".snakemake/due"
SYNTHESES = config["syntheses"]
try:
    READ_BEFORE = record.read_before("results/logs") | versions.made_of("releases")
    # What nobody has brought yet is empty, so that a review can grow from its protocol alone.
    DECISIONS = digests.several("data/raw/screening/decisions.csv", READ_BEFORE)
    REVIEWERS = [
        *digests.table("data/raw/reviewers.csv", READ_BEFORE),
        *digests.table("data/raw/screening/reviewers.csv", READ_BEFORE),
    ]
    FULLTEXTS = [
        *digests.several("data/raw/fulltexts.csv", READ_BEFORE),
        *digests.several("data/raw/screening/fulltexts.csv", READ_BEFORE),
    ]
    HELD = digests.files("data/raw/fulltexts")
    PROPOSALS = digests.table("data/raw/extraction/proposals.csv", READ_BEFORE)
    QUOTES = digests.table("data/raw/extraction/quotes.csv", READ_BEFORE)
    STUDIES = digests.several("data/raw/extraction/studies.csv", READ_BEFORE)
    OUTCOMES = digests.several("data/raw/extraction/outcomes.csv", READ_BEFORE)
    # Tables of the extraction as sheets of one file, and one for each extractor beside it.
    WORKBOOKS = digests.several("data/raw/extraction/extraction.xlsx", READ_BEFORE)
    SEARCHES = digests.folder("data/raw/searches", READ_BEFORE)
    LABELLED = [
        *digests.files("data/raw/screening/asreview"),
        *digests.files("data/raw/screening/rayyan"),
        *digests.files("data/raw/screening/covidence"),
        *digests.files("data/raw/screening/eppi"),
    ]
    SETTLED = digests.several("data/raw/screening/duplicates.csv", READ_BEFORE)
    CURVES = digests.folder("data/raw/extraction/curves", READ_BEFORE)
    RISK_OF_BIAS = digests.several("data/raw/extraction/risk_of_bias.csv", READ_BEFORE)
    # Written by `search`, which keeps what they say of reports.
    STATES = digests.table("data/raw/states.csv", READ_BEFORE)
    KNOWN_ITEMS = digests.table("data/raw/known_items.csv", READ_BEFORE)
    SENTINEL = digests.table("data/raw/sentinel.csv", READ_BEFORE)
    CONTACTS = digests.table("data/raw/contacts.csv", READ_BEFORE)
    CERTAINTY = digests.table("data/raw/extraction/certainty.csv", READ_BEFORE)
    ROB_ME = digests.table("data/raw/extraction/rob_me.csv", READ_BEFORE)
    PROSE = digests.files("data/raw/prose")
    AMENDMENTS = digests.table("data/raw/prose/amendments.md", READ_BEFORE)
    REGISTERED = digests.kept("config/registered", READ_BEFORE)
    BROUGHT = digests.files("data/raw")
    RELEASES = digests.files("releases")
    # As a module it leads nothing while it is read, though its last words may be asked for.
    KINDS = held.kinds(READ_BEFORE) if engine.leads(workflow) else {}
    NOTED = held.read() if KINDS else {}
    held.must_stand(KINDS, NOTED)
    versions.must_stand(READ_BEFORE)
    # The whole review and, once there is a release, the update since.
    FLOWS = ["flow", *(["updated_flow"] if versions.released("releases") else [])]
except Exception as error:
    stop("Not every file can be read.", error)
try:
    if engine.leads(workflow):
        check.forest(config["report"]["forest"], STUDIES, WORKBOOKS)
except Exception as error:
    stop("The protocol cannot be run.", error)
# The reporting checklists, by name.
CHECKLISTS = {
    path.name: digests.digest(path)
    for path in sorted((digests.WORKFLOW / "checklists").glob("*.yaml"))
}
FIGURES = [
    "results/figures/flow.svg",
    "results/figures/over_time.svg",
    *(["results/figures/curves.svg"] if CURVES else []),
    *collect(
        "results/figures/risk_of_bias-{synthesis}.svg",
        synthesis=SYNTHESES if digests.filled(RISK_OF_BIAS) or WORKBOOKS else [],
    ),
    *collect(
        "results/figures/bubble-{synthesis}.svg",
        synthesis=[name for name, s in SYNTHESES.items() if s["moderators"]],
    ),
    *collect(
        "results/figures/labbe-{synthesis}.svg",
        synthesis=[name for name, s in SYNTHESES.items() if MEASURES[s["measure"]].of_shares],
    ),
    *collect(
        "results/figures/{kind}-{synthesis}.svg",
        kind=["forest", "direction", "funnel", "estimators", "diagnostics"],
        synthesis=SYNTHESES,
    ),
]
# Redrawn by themselves: a release changes these and no other.
ACCUMULATED = [
    *collect("results/figures/{flow}.svg", flow=FLOWS[1:]),
    *collect("results/figures/cumulative-{synthesis}.svg", synthesis=SYNTHESES),
    *collect(
        "results/figures/information-{synthesis}.svg",
        synthesis=[name for name, s in SYNTHESES.items() if s["information_size"]],
    ),
]


if engine.leads(workflow) and not engine.dry(workflow):
    folders = [".", "results", ".snakemake", *Path(".").glob("results/*/")]
    try:
        files.must_be_open([*folders, *digests.files("results"), *Path(".").glob(".snakemake/*/")])
    except files.ClosedError as error:
        raise WorkflowError(str(error))
    if told := claim.clear(RUN, ".snakemake/locks"):
        print(told, file=sys.stderr)


# By rule: what it waits for, what it is asked for, what is not as its record has it, and the file
# that says so. A job on another machine is told of these files by the run that started it.
AFTER, ASKED, MISFITS = {}, {}, {}
AGAIN = {} if workflow.is_main_process else record.due(DUE)


def asked(rule, after=(), **params):
    """Note what a rule waits for and its parameters, to which the digests of its code are added;
    above the rule, since `proof` compares them with the record of what was asked before."""
    AFTER[rule], ASKED[rule] = after, {"code": digests.code(f"{rule}.py"), **params}


def before(rule):
    """The records of the rules that a rule waits for, and what says that they do not fit."""
    done = [f"results/logs/{name}{record.DONE}" for name in AFTER[rule]]
    return lambda wildcards: [*done, *(AGAIN[name] for name in AFTER[rule] if name in AGAIN)]


def proof(rule):
    """The record of a rule's job; with a file that is never there if the record does not fit what
    stands in the folder, so that the job is done again, or what it waits for is."""
    path = f"results/logs/{rule}{record.DONE}"
    if workflow.is_main_process:
        MISFITS[rule] = record.misfits(path, ASKED[rule])
        if Path(path).exists() and (MISFITS[rule] or AGAIN.keys() & AFTER[rule]):
            AGAIN[rule] = f"results/logs/{rule}{record.AGAIN}"
            while Path(AGAIN[rule]).exists():  # left by a run that was cut short
                AGAIN[rule] += record.AGAIN
    return [path, AGAIN[rule]] if rule in AGAIN else [path]


def clear_again():
    """Remove the files that made jobs due: they have done their work."""
    for path in Path("results/logs").glob(f"*{record.AGAIN}"):
        path.unlink(missing_ok=True)


if engine.leads(workflow) and not engine.dry(workflow):
    clear_again()
    for line in versions.drop_stale():
        print(line, file=sys.stderr)


def brought(paths):
    """Files that people brought, as inputs of a rule.

    Snakemake refuses results that are older than an input. For a file dated ahead of the present a
    link of today stands in, which record.of sees through: the date is its owner's. (`ancient` hides
    no change: the records compare contents.)"""
    found = []
    for path in [paths] if isinstance(paths, str) else paths:
        if engine.dry(workflow):
            found.append(ancient(path) if files.ahead(path) else path)
        else:
            link = files.stand_in(path, workflow.is_main_process)
            found.append(ancient(link) if link else path)
    return found


def tables_of(*names):
    """What rules make, without the records of their jobs."""
    found = [path for name in names for path in getattr(rules, name).output]
    return [path for path in found if not path.startswith("results/logs/")]


def needs(mem_mb):
    """Memory in MB to ask a cluster for, twice as much at each further attempt.

    The figures of the rules are about twice their peak with 5,000 records (docs/scale.md), and 500
    MB for the Snakemake that starts the job. Nothing is asked for on one machine.
    """
    return lambda wildcards, attempt: mem_mb * 2 ** (attempt - 1)


def told(path, category, **labels):
    """An output that `snakemake --report` shows, with the caption of its kind (../report/)."""
    caption = f"../report/{Path(path).stem.partition('-')[0]}.rst"
    return report(update(path), caption=caption, category=category, labels=labels)


def drawn(path):
    """A figure, shown under its synthesis, or under that of the whole review."""
    kind, _, synthesis = Path(path).stem.partition("-")
    title = SYNTHESES[synthesis]["title"] if synthesis else "The whole review"
    return told(path, title, figure=kind.replace("_", " "))


def announce():
    """In a dry run, say which results would be made again because they are not as they were made.
    A file of such a stage cannot be asked for by its name: Snakemake would take it for current. (A
    job on another machine names its files too.)"""
    asked_for = engine.leads(workflow) and not engine.forced(workflow, "")
    for name in AGAIN if asked_for else []:
        for path in getattr(rules, name).output:
            if engine.names(path):
                stage = closing.command(workflow.cores or 1, name)
                raise WorkflowError(
                    f"{path} is not as the protocol, the data or the code have it now, and Snakemake "
                    "would take a file that is asked for by its name for current. Ask for its stage: "
                    f"{stage}"
                )
    if engine.leads(workflow) and engine.dry(workflow):
        for line in closing.odd(MISFITS):
            print(f"To be made again: {line}.", file=sys.stderr)


def close():
    """Say what ran, what was spared, and what waits for people."""
    clear_again()
    fewer = []
    if KINDS and engine.leads(workflow) and not engine.dry(workflow):
        fewer = held.fewer(KINDS, NOTED)
        held.note(record.read_before("results/logs") & set(sum(KINDS.values(), [])), NOTED)
    wanted = engine.asked(workflow)
    unmade = WATCH.unmade()
    stages = [name for name in wanted if name not in ("all", *unmade)]
    made = {path for name in stages for path in wanted[name]}
    if stages:
        print(
            closing.good(WATCH.ran, stages, WATCH.seconds(), made, MISFITS, unmade), file=sys.stderr
        )
    for line in fewer:
        print(f"\nRows are gone: {line}", file=sys.stderr)


WATCH = engine.watch(workflow, logger, idle=close)


onstart:
    if engine.touches(workflow):
        raise WorkflowError(
            "--touch would pass old results off as new ones. Leave it out: what runs is decided by "
            "content, and dates decide nothing."
        )
    try:
        claim.begin(RUN, "results/logs", lambda line: print(line, file=sys.stderr))
    except claim.ClaimError as error:
        raise WorkflowError(str(error))
    try:
        files.set_back(digests.files("results"))
    except files.ClosedError as error:
        raise WorkflowError(str(error))
    record.tell(AGAIN, DUE)
    # Should this run be cut short, what it leaves undone shows by its missing record.
    for name in WATCH.planned:
        Path(f"results/logs/{name}.log").unlink(missing_ok=True)
        record.set_aside(f"results/logs/{name}{record.DONE}", engine.forced(workflow, name))
    left = prune.vanished("results/figures", FIGURES + ACCUMULATED)
    for path in [*left, *files.unfinished("results")]:
        path.unlink()
    WATCH.begin(engine.sentences(workflow))


onsuccess:
    close()


onerror:
    clear_again()
    print(closing.bad(WATCH.failed, WATCH.reasons, ", ".join(log)), file=sys.stderr)
