"""Checks that try the printed statistics of a study against each other."""

import pandas as pd

COLUMNS = ["severity", "study_id", "row", "check", "message", "value", "expected"]


def check(outcomes: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """What does not fit, in the columns of problems.csv: survival that rises with time.

    `outcomes`: results/extraction/outcomes.csv; `studies`: results/extraction/studies.csv.
    """
    found = []
    survival = outcomes[outcomes["statistic"] == "survival"]
    for (study, outcome, arm), group in survival.groupby(
        ["study_id", "outcome", "arm"], sort=False
    ):
        ordered = group.sort_values("time").to_dict("records")
        for before, after in zip(ordered, ordered[1:], strict=False):
            if after["value"] > before["value"]:
                found.append(
                    {
                        "severity": "error",
                        "study_id": study,
                        "row": f"{before['row']}, {after['row']}",
                        "check": "survival rises",
                        "message": f"{outcome} of {arm} rises between {before['time']:g} and "
                        f"{after['time']:g}",
                        "value": f"{after['value']:g}",
                        "expected": f"{before['value']:g} or less",
                    }
                )
    return pd.DataFrame(found, columns=COLUMNS)
