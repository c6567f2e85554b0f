"""Which studies a row of pooled.csv rests on, and whether it is a model of tau², by its name."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from livingmeta.analyses import IN_COMMON
from livingmeta.errors import InternalError
from livingmeta.pooling import revman
from livingmeta.pooling.synthesis import Synthesis

INTERVALS = ("wald", "t", "hksj", "hksj-guarded")


class SecondOpinionError(InternalError):
    """Statsmodels has another number than we have, and nothing explains it."""


TAU2 = ("FE", "DL", "DL2", "HE", "HS", "SJ", "ML", "REML", "EB", "PM")


def is_model(row: dict[str, Any]) -> bool:
    """Whether it is a model of tau² with an interval; other methods fill the same columns."""
    named = f"{row['tau2_method']} {row['interval']}"
    asked = row["tau2_method"] in TAU2 and row["interval"] in INTERVALS
    return asked and f"{row['model']} ".startswith(f"{named} ")


def is_common_in_groups(row: dict[str, Any]) -> bool:
    """Whether it is of a subgroup that shares tau² with the others."""
    return bool(row["model"].endswith(f" {IN_COMMON}"))


def is_of_revman(s: Synthesis, row: dict[str, Any]) -> bool:
    """Whether its tau² is RevMan's, around the Mantel-Haenszel estimate."""
    return revman.concerns(s) and row["tau2_method"] == "DL"


def group(s: Synthesis, subgroup: str) -> tuple[str, str]:
    """Column and value of a `subgroup` of pooled.csv."""
    column = next(name for name in s.subgroups if subgroup.startswith(f"{name}="))
    return column, subgroup.removeprefix(f"{column}=")


def resting(s: Synthesis, row: dict[str, Any], without: Mapping[str, np.ndarray]) -> np.ndarray:
    """Which studies (k,) a row of pooled.csv rests on, as `named`. Raises SecondOpinionError where
    their number is not the row's."""
    mask = named(s, row, without)
    if mask.sum() != row["k"]:
        raise SecondOpinionError(
            f"{s.id}, {row['model']}, {row['subgroup']}: {row['k']} studies in pooled.csv, "
            f"{mask.sum()} by its name"
        )
    return mask


def named(s: Synthesis, row: dict[str, Any], without: Mapping[str, np.ndarray]) -> np.ndarray:
    """Which studies (k,) the subgroup and the model of a row of pooled.csv name. `without`: masks
    of left_out.asked by id."""
    mask = np.ones(len(s.studies), bool)
    if row["subgroup"] and not pd.isna(row["subgroup"]):
        column, value = group(s, row["subgroup"])
        mask = (text_of(s, column) == value).to_numpy(bool)
    for name, out in without.items():
        if row["model"].endswith(f" {name}"):
            mask = ~out
    return mask


def text_of(s: Synthesis, column: str) -> pd.Series:
    """A column of the studies (k,) as text, empty where unknown."""
    return s.studies[column].astype("string").fillna("").str.strip()
