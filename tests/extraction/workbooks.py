"""What of an extraction stands in a folder, for tests of the workbook."""

from livingmeta.extraction.workbook import brought


def paths(folder):
    """What of the extraction stands in a folder, as the rules give it."""
    found = {name: [path] for name, (_, path) in brought.KEYED.items()}
    found = {n: [str(folder / p)] if (folder / p).exists() else [] for n, [p] in found.items()}
    inside = folder / "data/raw/extraction"
    found["outcomes"] = sorted(map(str, inside.glob("outcomes*.csv")))
    return found | {"workbook": sorted(map(str, inside.glob("extraction*.xlsx")))}
