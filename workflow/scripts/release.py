"""Freeze the present state as a release of this version."""

import json
from pathlib import Path

from livingmeta import courses, plan, tables
from livingmeta.living import release, state, versions
from livingmeta.living.registered import registrations
from livingmeta.run import record

NUMBERS = "living/numbers"
BROUGHT = ("done", "raw", "config", "registered")


def main(paths: dict, inputs, version: str, protocol: dict, scratch, say, folder=versions.FOLDER):
    """`paths`: path by frozen table, of `flow`, `numbers` and `report`; `inputs`: paths of all that
    people brought; `protocol`: the slice that a later version is compared with; `scratch`: where
    the table of numbers is written first; `folder`: of the releases."""
    versions.must_follow(version, versions.released(folder))
    printed = tables.read_json(paths["numbers"])
    tables.write(release.numbers(printed), scratch, NUMBERS)
    of_curves = state.OF_CURVES if protocol["courses"] else ()
    held = (*state.TABLES, *of_curves)
    kept = {f"{name}.csv": Path(paths[name]).read_bytes() for name in held}
    protocol = courses.together(protocol)
    frozen = {
        **kept,
        "flow.json": Path(paths["flow"]).read_bytes(),
        "numbers.csv": Path(scratch).read_bytes(),
        "report.html": Path(paths["report"]).read_bytes(),
        "protocol.json": json.dumps(protocol, indent=1, ensure_ascii=False).encode() + b"\n",
    }
    for path in map(Path, inputs):
        if path.parent.as_posix() == registrations.FOLDER:
            frozen[f"registered-{path.name}"] = path.read_bytes()
    frozen = release.as_it_reads(Path(folder) / version, frozen)
    flow = tables.read_json(paths["flow"])
    listed = release.manifest(plan.Review.of(protocol["review"]), flow, frozen, inputs)
    written = release.freeze(Path(folder) / version, frozen, listed)
    for line in versions.drop_stale(Path(folder).parent):
        say(line)
    size = sum(map(len, frozen.values())) + len(listed)
    say(
        f"{folder}/{version}: {len(frozen) + 1} files, {size:,} bytes. Commit them."
        if written
        else f"{folder}/{version} is this very state already; nothing to do."
    )


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            {k: v for k, v in snakemake.input.items() if k not in BROUGHT},
            [*snakemake.input.raw, *snakemake.input.config, *snakemake.input.get("registered", [])],
            snakemake.params.protocol["review"]["version"],
            snakemake.params.protocol,
            snakemake.output.numbers,
            say,
        ),
    )
