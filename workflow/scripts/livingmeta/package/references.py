"""Records as RIS, the form that reference managers exchange."""

import re

import pandas as pd

TYPES = (
    ("preprint", "UNPB"),
    ("conference", "CONF"),
    ("chapter", "CHAP"),
    ("book", "BOOK"),
    ("thesis", "THES"),
)


def ris(records: pd.DataFrame, notes: dict[str, str] | None = None) -> str:
    """Rows of records.csv as RIS, in their order; what is not there is left out.

    `notes`: a note by record_id, such as the study that a report belongs to.
    """
    return "".join(_one(row, (notes or {}).get(row["record_id"], "")) for row in _rows(records))


def of(records: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """The rows of records.csv that another table lists, in that table's order. A report that no
    search found has no such row; its identifier and its title, where given, stand for it."""
    known = {row["record_id"]: row for row in _rows(records)}
    bare = dict.fromkeys(records.columns, "")
    rows = []
    for row in _rows(listed):
        id_ = row["record_id"]
        scheme, _, value = id_.partition(":")
        said = {scheme: value} if scheme in ("doi", "pmid") else {}
        alone = bare | {"record_id": id_, "title": row.get("title", "")} | said
        rows.append(known.get(id_, alone))
    return pd.DataFrame(rows, columns=records.columns)


def _rows(table):
    filled = table.astype(object).where(table.notna(), "")
    return filled.to_dict("records")


def _one(row: dict, note: str) -> str:
    kind = str(row["type"]).lower()
    first, _, last = str(row["pages"]).partition("-")
    tags = [
        ("TY", next((tag for word, tag in TYPES if word in kind), "JOUR")),
        *(("AU", name) for name in str(row["authors"]).split(";")),
        ("TI", row["title"]),
        ("T2", row["journal"]),
        ("PY", row["year"]),
        ("VL", row["volume"]),
        ("IS", row["issue"]),
        ("SP", first),
        ("EP", last),
        ("DO", row["doi"]),
        ("AN", f"PMID:{row['pmid']}" if row["pmid"] else ""),
        ("UR", row["url"]),
        ("AB", row["abstract"]),
        ("LA", row["language"]),
        *(("KW", word) for word in str(row["keywords"]).split(";")),
        ("N1", note),
        ("ID", row["record_id"]),
    ]
    # In RIS a line break would end the field.
    lines = [f"{tag}  - {text}" for tag, value in tags if (text := _line(value))]
    return "\n".join([*lines, "ER  - ", "", ""])


def _line(value: str) -> str:
    text = str(value)
    text = text[:-2] if re.fullmatch(r"\d+\.0", text) else text
    return " ".join(text.split())
