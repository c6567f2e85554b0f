"""What stands between study and plot in a forest plot: what each arm had, patients, and columns of
studies.csv, with the total of each."""

from collections.abc import Mapping, Sequence

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.plan import Arm
from livingmeta.words import ids, measures
from livingmeta.words.english import heading
from livingmeta.words.numbers import missing, show

# What of an arm stands in columns where effects are made of means, by the names of effects.csv.
OF_MEANS = {"m": "{}: mean", "sd": "SD", "n": "n"}
# Of the first and of the second arm in unusable.csv: events, patients without one, person-time.
CELLS = (("ai", "bi", "t1i"), ("ci", "di", "t2i"))
# What of an arm stands beside its name: where a study prints several, the first that was used.
BESIDE = ("events", "survival", "proportion", "median", "mean")


def arm_data(used: list[dict], arm: str) -> tuple[str, str]:
    """What was printed on an arm, out of one effect's rows of used.csv: `24/36`, `66.6% of 36`,
    `median 9.4`; and the id of the printed number. Both "" if nothing was."""
    row = next((r for r in used if r["arm"] == arm and r["role"] in BESIDE), None)
    return (_arm_words(row), ids.printed(int(row["row"]))) if row else ("", "")


def _arm_words(row: dict) -> str:
    of = "" if missing(row["n"]) else show(row["n"], "count")
    if row["role"] == "events":
        words = show(row["value"], "as-printed")
        return f"{words}/{of}" if of else words
    if row["role"] in ("survival", "proportion"):
        words = show(row["value"], "percentage-as-printed")
        return f"{words} of {of}" if of else words
    return f"{row['role']} {show(row['value'], 'as-printed')}"


class Columns:
    """The columns of one forest plot. `columns`: (head, {own: (text, id of its number)}), `own` as
    from ids.own.

    `wanted`: `report.forest` of the protocol. `studies`: the effects, with their `own`; `empty`:
    the studies without information; `used`: rows of used.csv by `own`; `arms`: of the synthesis,
    by key in its order; `kind`: of the outcome.
    """

    def __init__(
        self,
        wanted: Sequence[str],
        studies: pd.DataFrame,
        empty: pd.DataFrame,
        used: Mapping[str, list[dict]],
        arms: Mapping[str, Arm],
        kind: str,
    ) -> None:
        self.studies, self.empty, self.used = studies, empty, used
        self.arms, self.kind = arms, kind
        self.name = studies["synthesis"].iloc[0]
        self.columns = [column for name in wanted for column in self._column(name)]

    def _column(self, name):
        """The columns between label and plot of one name of the protocol, see `columns`; none where
        no study has anything to say."""
        if name == "arms":
            return self._arms()
        found = {
            s: ("" if missing(v) else str(v), "")
            for s, v in self._each(name if name in (*self.studies, "route") else "")
        }
        if name == "patients":
            found = {
                s: ("" if missing(n) else show(n, "count"), f"{ids.study(self.name, s)}/n")
                for s, n in self._each("n")
            }
            found |= {
                row["study_id"]: ("" if missing(row["n"]) else show(row["n"], "count"), "")
                for row in as_dicts(self.empty)
            }
        told = any(words for words, _ in found.values())
        return [(heading(name), found)] if told else []

    def _arms(self):
        """What each arm had: of means three columns an arm, else what was printed of it."""
        columns = []
        for i, arm in enumerate(self.arms, start=1):
            label = self.arms[arm].label
            if f"m{i}i" in self.studies and self.studies[f"m{i}i"].notna().any():
                columns += [
                    (head.format(label), self._of_means(f"{name}{i}"))
                    for name, head in OF_MEANS.items()
                ]
                continue
            texts = {s: arm_data(self.used.get(s, []), arm) for s in self.studies["own"]}
            if self.kind == "binary":  # of arms joined, nothing is printed under this name
                texts |= {s: (self._of_cells(i, s), "") for s, (t, _) in texts.items() if not t}
            texts |= self._of_empty(arm)
            if any(words for words, _ in texts.values()):
                columns.append((label, texts))
        return columns

    def _of_means(self, name):
        kind = "count" if name.startswith("n") else "difference"
        return {
            s: ("" if missing(v) else show(v, kind), f"{ids.study(self.name, s)}/{name}")
            for s, v in self._each(f"{name}i")
        }

    def _of_cells(self, arm, own):
        """The counts of an arm that an effect was made of; "" where they are not whole ones."""
        row = self.studies[self.studies["own"] == own].iloc[0]
        events, rest, _ = CELLS[arm - 1]
        a, b = (float(row[c]) if c in row and not missing(row[c]) else 0.5 for c in (events, rest))
        whole = a.is_integer() and b.is_integer()
        return f"{show(a, 'count')}/{show(a + b, 'count')}" if whole else ""

    def _of_empty(self, arm):
        """What an arm of the studies without information had: `0/24`, events of person-time where
        there are no patients."""
        events, rest, time = CELLS[list(self.arms).index(arm)]
        found = {}
        for row in as_dicts(self.empty):
            of = row[time] if missing(row[rest]) else row[events] + row[rest]
            known = not missing(row[events]) and not missing(of)
            words = f"{show(row[events], 'as-printed')}/{show(of, 'as-printed')}" if known else ""
            found[row["study_id"]] = (words, "")
        return found

    def _each(self, column):
        values = self.studies[column] if column in self.studies else [""] * len(self.studies)
        return [
            (s, "" if missing(v) else v) for s, v in zip(self.studies["own"], values, strict=True)
        ]

    def totals(self, row: dict) -> list[tuple[str, str]]:
        """Under each column the total of a pooled row, with the beginning of its ids: patients,
        events of patients, patients of means; ("", "") where there is none."""
        key, model = ids.model(row["model"]), row["model"]
        arms = measures.totals(row["studies"], self.kind, model["k"])
        labels = [arm.label for arm in self.arms.values()]
        found, of_means = [], 0
        for head, texts in self.columns:
            words, id_ = "", ""
            if head == heading("patients") and not missing(model.get("n")):
                words, id_ = show(model["n"], "count"), f"{key}/n"
            elif arms and head == OF_MEANS["n"]:
                of_means += 1
                words, id_ = show(arms[of_means - 1][-1], "count"), f"{key}/arm-{of_means}"
            elif arms and head in labels and _all_counts(texts):
                arm = labels.index(head)
                words = "/".join(show(n, "count") for n in arms[arm])
                id_ = f"{key}/arm-{arm + 1}"
            found.append((words, id_))
        return found


def _all_counts(texts):
    return all("/" in words for words, _ in texts.values())
