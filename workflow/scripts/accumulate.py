"""Draw the flow of an update, how each result came to be, and its information size on request."""

from functools import partial
from pathlib import Path

from livingmeta.as_dicts import as_dicts
from livingmeta.run import cache, record


def main(paths: dict, figures, facts, syntheses: dict, protocol: dict, drawings, say):
    """`paths`: path by table, and of changes.json; `figures`: to draw to; `facts`: path of
    what stands beside them; `syntheses`, `protocol`:
    the slices of the protocol that matter here; `drawings`: what was drawn before, kept.Kept."""
    from livingmeta import plan, tables
    from livingmeta.figures import drawn as beside
    from livingmeta.figures import flow, history, monitoring
    from livingmeta.words import language

    steps = tables.read(paths["cumulative"], "living/cumulative")
    sizes = tables.read(paths["sizes"], "living/information_size")
    looks = tables.read(paths["looks"], "living/information_looks")
    studies = tables.read(paths["studies"], "extraction/studies")
    labels = dict(zip(studies["study_id"], studies["label"], strict=True))
    sized = {row["synthesis"]: row for row in as_dicts(sizes)}
    asked = {}
    given, of_each = plan.Protocol.of(protocol), plan.syntheses(syntheses)
    for path in figures:
        kind, _, name = Path(path).stem.partition("-")
        if kind == "updated_flow":
            changes = tables.read_json(paths["changes"])
            asked[path] = partial(flow.draw_update, changes, protocol["reasons"])
            continue
        synthesis = of_each[name]
        outcome = given.outcomes[synthesis.outcome]
        if kind == "cumulative":
            mine = steps[steps["synthesis"] == name]
            named = " ".join([*mine["added"], *mine["removed"]]).split()
            called = {study: labels[study] for study in sorted({*named} & {*labels})}
            asked[path] = partial(history.draw, mine, synthesis, outcome, called)
        elif name in sized:
            mine = looks[looks["synthesis"] == name]
            asked[path] = partial(
                monitoring.draw, sized[name], mine, synthesis, outcome, given.arms
            )
        else:
            asked[path] = partial(monitoring.nothing, synthesis)
    names = language.names_in([syntheses, protocol, *studies["label"]])
    asked = language.each_drawn(asked, protocol["language"], names)
    drawn = drawings.each(asked, beside.pack, beside.unpack)
    for path, figure in drawn.items():
        tables.write_text(figure.svg, path)
        say(f"drew {path}")
    tables.write_json(beside.facts({Path(p).stem: f for p, f in drawn.items()}), facts)
    drawings.tidy()


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            list(snakemake.output.figures),
            snakemake.output.accumulated,
            snakemake.params.syntheses,
            snakemake.params.protocol,
            cache.Kept(".snakemake/kept/accumulate", snakemake.params.code),
            say,
        ),
    )
