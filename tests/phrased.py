"""Guard rails of a table in words, for tests of what they say."""

import pandas as pd

from livingmeta.words import guard_rails


def phrased(decisions: pd.DataFrame) -> pd.DataFrame:
    """The rows of decisions.csv with `rule`, `because` and `done` in words."""
    words = [guard_rails.of_row(row) for row in decisions.to_dict("records")]
    table = pd.DataFrame(words, columns=["rule", "because", "done"], index=decisions.index)
    return pd.concat([decisions[["synthesis", "model"]], table], axis=1)
