"""What is said of extractors and of what they compare."""

UNNAMED = "a reader without a name"
# What of a cell two readings are compared in.
FIELDS = {
    "all": "All of a cell",
    "found": "Found by both",
    "value": "Value",
    "n": "Patients",
    "interval": "Confidence interval",
    "se": "Standard error",
    "sd": "Standard deviation",
    "p_value": "p",
    "time": "Time",
    "adjusted": "Adjustment",
    "part": "Part of the patients",
    "event": "Event counted",
    "measured": "Final or change",
    "clusters": "Clusters accounted for",
    "direction": "Direction of the scale",
    "unit": "Unit",
    "arm": "Which arm stands first",
    "source": "Where it stands",
}


def field(table: str, name: str) -> str:
    """What a field is called in which two are compared: of risk of bias a tool, else a column."""
    if table == "outcomes" or name == "all":
        return FIELDS[name] if table == "outcomes" else "All of it"
    return name if table == "risk_of_bias" else name.replace("_", " ").capitalize()


def reader(name: str) -> str:
    """Who read, by name."""
    return name or UNNAMED
