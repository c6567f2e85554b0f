"""Compare the present state with the latest release, and say what moved each estimate."""

from livingmeta.run import record

TABLES = {
    "records": "living/records",
    "studies": "living/studies",
    "outcomes": "living/outcomes",
    "effects": "living/effects",
    "pooled": "living/pooled",
    "guard_rails": "living/guard_rails",
    "certainty": "living/certainty",
    "course": "living/course",
    "courses": "living/courses",
    "intervals": "living/intervals",
}
SCREENED = {
    "known": "screening/records",
    "standing": "screening/standing",
    "searches": "screening/searches",
    "copies": "screening/copies",
}


def main(paths: dict, out: dict, protocol: dict, say, releases=None):
    """`paths`: path by input; `out`: path by table to write; `protocol`: the slice of the protocol
    that decides results; `releases`: the folder of the frozen versions, if not versions.FOLDER."""
    from livingmeta import tables
    from livingmeta.living import changes, cumulative, information_size, prisma_lsr, state, versions

    releases = releases or versions.FOLDER
    screened = {name: tables.read(paths[name], schema) for name, schema in SCREENED.items()}
    stand = state.stand_of_records(**screened)
    tables.write(stand, out["records"], "living/records")
    rest = {name: tables.read(paths[name], TABLES[name]) for name in TABLES if name != "records"}
    present = state.State(
        version=protocol["review"]["version"],
        protocol=protocol,
        flow=tables.read_json(paths["flow"]),
        records=stand,
        **rest,
    )
    frozen = [
        state.of_release(f"{releases}/{version}", TABLES) for version in versions.released(releases)
    ]
    found, rows = changes.since(frozen, present)
    tables.write_json(found, out["changes"])
    tables.write(rows, out["table"], "living/changes")
    tables.write(cumulative.steps(frozen, present), out["cumulative"], "living/cumulative")
    sizes, looks = information_size.analyse(present)
    tables.write(sizes, out["sizes"], "living/information_size")
    tables.write(looks, out["looks"], "living/information_looks")
    tables.write(prisma_lsr.items(found, present), out["checklist"], "living/prisma_lsr")
    say(found["text"])


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            dict(snakemake.input.items()),
            dict(snakemake.output.items()),
            snakemake.params.protocol,
            say,
        ),
    )
