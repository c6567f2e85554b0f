"""Studies as papers might print them, drawn by a seed: plausible numbers, gaps, ties, slips.

`random.Random` gives the same draws on every machine and in every Python.
"""

from math import exp, nan, sqrt
from random import Random

ARMS = ("local", "control")
PAIRS = ("local/control", "control/local")
P_VALUES = ("", "0.03", "0.2", "<0.001", "NS", "0.0005")
# Statistics that papers print together; a study draws some of them.
SURVIVAL = (
    *(("hazard-ratio",), ("hazard-ratio", "events"), ("hazard-ratio", "se"), ("survival",)),
    *(("log-rank-p", "events"), ("log-rank-observed", "log-rank-expected", "log-rank-variance")),
    *(("log-rank-observed", "log-rank-expected"), ("median", "events"), ("survival", "at-risk")),
    *(("survival", "at-risk", "minimum-followup", "maximum-followup"), ("rmst",), ("median",)),
    *(("rmst", "rmst-difference"), ("odds-ratio",), ("risk-ratio",)),
)
BINARY = (
    *(("events",), ("proportion",), ("events", "proportion"), ("odds-ratio",), ("risk-ratio",)),
    *(("risk-difference",), ("odds-ratio", "proportion")),
)
CONTINUOUS = (
    *(("mean", "sd"), ("mean", "se"), ("mean", "sd", "se"), ("mean-difference",), ("correlation",)),
    *(("standardised-mean-difference",), ("mean",), ("mean-difference", "mean", "sd")),
)
RATES = (("events", "person-time"), ("rate",), ("incidence-rate-ratio",), ("rate", "events"))
# What is asked of drawn studies: measure, kind of outcome, statistics to draw from.
ASKED = (
    *(("HR", "survival", SURVIVAL), ("OR", "survival", SURVIVAL), ("RR", "survival", SURVIVAL)),
    *(("RD", "survival", SURVIVAL), ("PLO", "survival", SURVIVAL), ("PAS", "survival", SURVIVAL)),
    *(("MEDLN", "survival", SURVIVAL), ("MD", "survival", SURVIVAL), ("ROM", "survival", SURVIVAL)),
    *(("OR", "binary", BINARY), ("RR", "binary", BINARY), ("RD", "binary", BINARY)),
    *(("PETO", "binary", BINARY), ("AS", "binary", BINARY), ("PR", "binary", BINARY)),
    *(
        ("PLN", "binary", BINARY),
        ("MD", "continuous", CONTINUOUS),
        ("SMD", "continuous", CONTINUOUS),
    ),
    *(("ROM", "continuous", CONTINUOUS), ("MN", "continuous", CONTINUOUS)),
    *(("ZCOR", "continuous", CONTINUOUS), ("IRR", "binary", RATES), ("IRD", "binary", RATES)),
    *(("IRLN", "binary", RATES), ("GEN", "continuous", (("effect", "se"), ("effect",)))),
)
BLANK = {"time": nan, "n": nan, "ci_low": nan, "ci_high": nan, "ci_level": nan, "p_value": ""}
ONE_ARM = ("PLO", "PAS", "PR", "PLN", "PFT", "MEDLN", "MN", "IR", "IRLN", "ZCOR", "COR")


def _ratio(rng: Random) -> dict:
    value, se = exp(rng.gauss(-0.3, 0.5)), rng.uniform(0.08, 0.5)
    low, high = value * exp(-1.96 * se), value * exp(1.96 * se)
    return {"value": round(value, 2), "ci_low": round(low, 2), "ci_high": round(high, 2)}


def _difference(rng: Random, size: float) -> dict:
    value, se = rng.gauss(0, size), size * rng.uniform(0.1, 0.6)
    low, high = value - 1.96 * se, value + 1.96 * se
    return {"value": round(value, 3), "ci_low": round(low, 3), "ci_high": round(high, 3)}


def _share(rng: Random, n: int) -> dict:
    value = rng.choice([0.0, 1.0, *[round(rng.uniform(0.05, 0.95), 3)] * 12])
    half = 1.96 * sqrt(max(value * (1 - value), 0.001) / n)
    low, high = max(value - half, 0.001), min(value + half, 0.999)
    return {"value": value, "ci_low": round(low, 3), "ci_high": round(high, 3)}


def _printed(rng: Random, statistic: str, n: int) -> dict:
    """Value and limits of one statistic; limits are there or not by the caller's coin."""
    match statistic:
        case "events" | "at-risk":
            return {"value": rng.choice([0, n, *[rng.randint(1, n)] * 10])}
        case "survival" | "proportion":
            return _share(rng, n)
        case "median" | "mean":
            value = round(rng.uniform(4, 40), 1)
            return {
                "value": value,
                "ci_low": round(value * 0.7, 1),
                "ci_high": round(value * 1.5, 1),
            }
        case "rmst":
            value = round(rng.uniform(8, 20), 1)
            return {"value": value, "ci_low": value - 2.5, "ci_high": value + 2.5}
        case "minimum-followup" | "maximum-followup":
            return {"value": rng.choice([3, 6, 12]) * (1 if statistic[1] == "i" else 10)}
        case "person-time":
            return {"value": n * rng.randint(3, 30)}
        case "rate":
            value = round(rng.uniform(0.01, 0.2), 3)
            return {"value": value, "ci_low": value / 2, "ci_high": value * 2}
        case "sd" | "se":
            return {"value": round(rng.uniform(0.5, 9), 2)}
        case "log-rank-observed" | "log-rank-expected" | "log-rank-variance":
            return {"value": round(rng.uniform(4, 30), 2)}
        case "log-rank-p":
            return {"value": nan}
        case "correlation":
            return {"value": round(rng.uniform(-0.8, 0.9), 2)}
        case "hazard-ratio" | "odds-ratio" | "risk-ratio" | "incidence-rate-ratio":
            return _ratio(rng)
        case "risk-difference":
            return _difference(rng, 0.2)
    return _difference(rng, 3)


def study(rng: Random, together: tuple[tuple[str, ...], ...], outcome: str = "x") -> list[dict]:
    """Printed rows of one study in any order: of both arms, one or all, once or at two times."""
    sizes = {arm: rng.randint(8, 120) for arm in ARMS}
    drawn = rng.sample(together, rng.randint(1, min(4, len(together))))
    statistics = list(dict.fromkeys(name for some in drawn for name in some))
    rows: list[dict] = []
    for statistic in statistics:
        between = "ratio" in statistic or "difference" in statistic or statistic == "effect"
        between |= statistic in ("log-rank-p", "log-rank-variance")
        arms = rng.choice([ARMS, ARMS, ARMS, ARMS, ARMS, ARMS[:1], ("all",)])
        for arm in [rng.choice(PAIRS)] if between else arms:
            whole = statistic.startswith(("log-rank", "hazard", "m")) and statistic != "mean"
            for time in (nan,) if whole else rng.choice([(24,), (24,), (12, 24), (nan,), (25,)]):
                n = sizes.get(arm, sum(sizes.values()))
                row = {**BLANK, **_printed(rng, statistic, n)}
                if rng.random() < 0.4:
                    row |= {"ci_low": nan, "ci_high": nan}
                row |= {"outcome": outcome, "arm": arm, "statistic": statistic, "time": time}
                row |= {"n": n if rng.random() < 0.8 else nan, "adjusted": "", "note": ""}
                row["ci_level"] = rng.choice([nan, nan, 0.9, 0.95])
                if statistic in ("odds-ratio", "risk-ratio", "risk-difference"):
                    row["event"] = "survival"
                if between:
                    row["p_value"] = rng.choice(P_VALUES)
                    row["adjusted"] = rng.choice(["", "no", "multivariable"])
                if statistic == "median":
                    row["note"] = rng.choice(["", "", "", "not reached"])
                rows.append(row)
    rng.shuffle(rows)
    return [row | {"row": i, "unit": ""} for i, row in enumerate(rows, 2)]


def counted(rng: Random, kind: str, k: int) -> tuple[list[dict], list[dict]]:
    """Printed rows and rows of studies.csv of k studies that give all a synthesis can use."""
    rows, studies = [], []
    for i in range(k):
        name = f"s{i}"
        traits = {"year": rng.randint(1990, 2020), "design": rng.choice("ab"), "ward": f"w{i // 2}"}
        studies.append({"study_id": name, "label": f"Study {i}", **traits})
        for arm, share in zip(ARMS, (0.25, 0.4), strict=True):
            n = rng.choice([12, 30, 55, 90, 200])
            share = min(max(rng.gauss(share, 0.12), 0), 0.95)
            row = {
                **BLANK,
                "arm": arm,
                "n": n,
                "outcome": "x",
                "adjusted": "",
                "note": "",
                "unit": "",
            }
            if kind == "continuous":
                rows.append(
                    row | {"statistic": "mean", "value": round(rng.gauss(10 + share, 2), 1)}
                )
                rows.append(row | {"statistic": "sd", "value": round(rng.uniform(2, 6), 1)})
            else:
                rows.append(row | {"statistic": "events", "value": round(n * share)})
                rows.append(row | {"statistic": "person-time", "value": n * rng.randint(3, 9)})
            for one in rows[-2:]:
                one["study_id"] = name
    return [row | {"row": i} for i, row in enumerate(rows, 2)], studies


WORDS = (
    *("survival", "resection", "metastases", "liver", "cancer", "adrenal", "lung", "outcomes"),
    *("radiotherapy", "patients", "trial", "cohort", "ablation", "oligometastatic", "systemic"),
)


def slipped(rng: Random, title: str) -> str:
    """A title with one slip of the pen: a letter lost, doubled, other or two swapped."""
    words = title.split()
    at = rng.randrange(len(words))
    word, i = words[at], rng.randrange(1, len(words[at]) - 1)
    ways = [word[:i] + word[i + 1 :], word[:i] + word[i] + word[i:]]
    ways += [f"{word[:i]}x{word[i + 1 :]}", word[:i] + word[i + 1] + word[i] + word[i + 2 :]]
    words[at] = rng.choice(ways)
    return " ".join(words)


def records(rng: Random, reports: int) -> list[dict]:
    """Records of reports, many of them in copies that differ as copies from databases do."""
    rows = []
    for i in range(reports):
        names = [f"{rng.choice(['Kim', 'Li', 'Doe', 'Ruiz', 'Abe'])}, {rng.choice('JKS')}"]
        names += [f"{rng.choice(['Park', 'Chen', 'Roth'])}, A"] * rng.randint(0, 2)
        start, year = rng.randint(1, 900), rng.randint(2008, 2012)
        one = {
            "title": " ".join(rng.sample(WORDS, rng.randint(3, 9))).capitalize(),
            "authors": "; ".join(names),
            "year": str(year),
            "journal": rng.choice(["Annals of Surgery", "J Hepatol", "Liver Int", ""]),
            "volume": str(rng.randint(1, 60)),
            "issue": str(rng.randint(1, 12)),
            "pages": f"{start}-{start + 8}",
            "doi": f"10.1000/ex.{i}" if rng.random() < 0.3 else "",
            "pmid": str(1000 + i) if rng.random() < 0.2 else "",
            "abstract": " ".join(rng.choices(WORDS, k=30)) if rng.random() < 0.6 else "",
            "type": rng.choice(["article", "article", "conference"]),
        }
        rows.append(one)
        for _ in range(rng.choice([0, 1, 1, 2])):
            copy = dict(one)
            for change in rng.sample(
                [
                    {"title": one["title"].upper() + "."},
                    {"title": one["title"] + ": a " + rng.choice(WORDS)},
                    {"title": one["title"] + ": a " + rng.choice(WORDS), "pages": ""},
                    {"title": "Original: " + one["title"], "pages": "", "journal": ""},
                    {"title": "Original: " + one["title"], "pages": ""},
                    {"title": slipped(rng, one["title"])},
                    {"title": slipped(rng, one["title"]), "pages": ""},
                    {"title": " ".join(rng.sample(WORDS, 6)).capitalize()},
                    {"title": one["title"].replace("a", "á", 1)},
                    {"title": one["title"].replace("er", "re", 1)},
                    {"title": one["title"].replace("t", "", 1)},
                    {"title": one["title"] + rng.choice([": part 2", " (abstract)", " revisited"])},
                    {"title": "Erratum: " + one["title"]},
                    {"title": " ".join(one["title"].split()[:-1]) + " " + rng.choice(WORDS)},
                    {"authors": names[0]},
                    {"authors": names[0].replace(",", "")},
                    {"authors": ""},
                    {"year": str(year + 1)},
                    {"year": str(year + 2)},
                    {"year": ""},
                    {"journal": {"J Hepatol": "Journal of Hepatology"}.get(one["journal"], "")},
                    {"pages": str(start)},
                    {"pages": f"{start}-{(start + 8) % 10}"},
                    {"pages": str(start + 5), "type": "conference"},
                    {"doi": ""},
                    {"doi": f"10.1000/other.{i}"},
                    {"pmid": ""},
                    {"abstract": ""},
                    {"volume": "", "issue": ""},
                    {"volume": str(int(one["volume"]) + 1)},
                ],
                rng.randint(1, 3),
            ):
                copy |= change
            rows.append(copy)
    rng.shuffle(rows)
    return [row | {"record_id": f"r{i}"} for i, row in enumerate(rows)]
