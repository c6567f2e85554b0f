"""Linking of duplicates by kind of difference, on records that the rules have not seen.

    PYTHONPATH=workflow/scripts python benchmarks/duplicate_kinds.py FOLDER

FOLDER holds finished reviews (see README.md). Titles, years and identifiers are theirs; authors,
journals, volumes and pages, which the sets lack, are made up. Each report gets a partner that
differs in one of the ways in KINDS: half of them are copies as other databases write them, half are
other reports that look alike. Everything is linked at once, so each record can also be linked
wrongly to any other.
"""

import argparse
import random
from pathlib import Path

import pandas as pd

from livingmeta.screening.duplicates import links as duplicates

NAMES = [
    "Álvarez-García", "Andersson", "Banerjee", "Bianchi", "Björk", "Chen", "Dubois", "El-Sayed",
    "Ferreira", "Fischer", "Gonçalves", "Haddad", "Hansen", "Ito", "Ivanova", "Jansen",
    "Kaya", "Kim", "Kowalski", "Kumar", "Laurent", "Li", "Lindqvist", "Martínez", "Müller",
    "Nakamura", "Nguyen", "Novák", "Okafor", "Olsen", "O'Brien", "Park", "Patel", "Petrović",
    "Rossi", "Sánchez", "Sato", "Schäfer", "Silva", "Smith", "Suzuki", "Tanaka", "Tran",
    "Vasquez", "Visser", "Wagner", "Wang", "Yamamoto", "Yılmaz", "Zhang",
]  # fmt: skip
PARTICLES = ["van der Berg", "de Souza", "von Hagen", "Del Pino", "Ben Ali", "MacDonald"]
JOURNALS = [  # in full, as in MEDLINE, as in EMBASE
    ("Journal of Clinical Oncology", "J Clin Oncol", "Journal of clinical oncology : JCO"),
    ("Annals of Internal Medicine", "Ann Intern Med", "Annals of Internal Medicine"),
    ("The New England Journal of Medicine", "N Engl J Med", "New England Journal of Medicine"),
    ("JAMA Psychiatry", "JAMA Psychiatry", "JAMA psychiatry (Chicago, Ill.)"),
    ("International Journal of Urology", "Int J Urol", "Int. J. Urol."),
    ("Obstetrics & Gynecology", "Obstet Gynecol", "Obstetrics and Gynecology"),
    ("American Journal of Cardiology", "Am J Cardiol", "The American journal of cardiology"),
    ("European Spine Journal", "Eur Spine J", "European spine journal : official publication"),
    ("Cephalalgia", "Cephalalgia", "Cephalalgia : an international journal of headache"),
    ("PLoS ONE", "PLoS One", "PloS one"),
]
OTHER = ["prevalence", "tolerability", "adherence", "persistence", "biomarkers", "histology"]
GENERIC = ["Editorial", "Introduction", "In this issue", "Letter to the editor", "Book reviews"]


def report(draw: random.Random, n: int, row: dict) -> dict[str, str]:
    """A report as one database has it."""
    first = draw.randrange(2, 2000)
    family = [draw.choice(NAMES + PARTICLES) for _ in range(draw.randrange(1, 9))]
    return {
        "title": row["title"],
        "authors": "; ".join(
            f"{name}, {draw.choice('ABCDEFGHJKLMNPRST')}{draw.choice(['', '. M.'])}"
            for name in family
        ),
        "year": row["year"],
        "journal": str(draw.randrange(len(JOURNALS))),
        "volume": str(draw.randrange(2, 120)),
        "issue": str(draw.randrange(1, 13)),
        "pages": f"{first}-{first + draw.randrange(3, 14)}",
        "doi": row["doi"] or f"10.5555/made.{n}",
        "pmid": row["pmid"] or str(90_000_000 + n),
        "type": "Journal Article",
    }


def bare(row):
    """A copy of a database without identifiers."""
    return {**row, "doi": "", "pmid": ""}


def slipped(row, draw):
    words = row["title"].split()
    long = [i for i, w in enumerate(words) if len(w) > 6 and w.isalpha()]
    if long:
        at = draw.choice(long)
        cut = draw.randrange(2, len(words[at]) - 1)
        words[at] = words[at][:cut] + words[at][cut + 1 :]
    return " ".join(words)


def reworded(row, draw):
    """The title of another abstract by the same people: two of its long words are others."""
    words = row["title"].split()
    longest = sorted(range(len(words)), key=lambda i: -len(words[i]))[:2]
    for at, word in zip(longest, draw.sample(OTHER, 2), strict=False):
        words[at] = word
    return " ".join(words)


def other_number(row, by):
    return str(int(row["volume"]) + by)


def elsewhere(row, draw):
    """Another place: next volume, other pages, another journal."""
    first = draw.randrange(2000, 4000)
    return {
        "volume": other_number(row, 3),
        "issue": "2",
        "pages": f"{first}-{first + 9}",
        "journal": str((int(row["journal"]) + 1) % len(JOURNALS)),
        "doi": f"10.5555/other.{draw.randrange(10**9)}",
        "pmid": str(draw.randrange(80_000_000, 89_000_000)),
    }


def short_pages(row):
    first, last = row["pages"].split("-")
    same = next((i for i in range(len(first)) if first[i] != last[i]), len(first) - 1)
    return f"{first}-{last[same:]}" if len(first) == len(last) else row["pages"]


def initials(row):
    names = (name.split(", ") for name in row["authors"].split("; "))
    return "; ".join(f"{family.title()} {given[0]}" for family, given in names)


def plain(text):
    pairs = {"ö": "oe", "ü": "ue", "ä": "ae", "á": "a", "í": "i", "ı": "i", "ć": "c", "ç": "c"}
    return "".join(pairs.get(c, c) for c in text)


# The name, whether the partner is a copy, and what differs in it.
KINDS = [
    ("identifiers only, all else cut short", True, lambda r, d: {
        "title": r["title"][: int(len(r["title"]) * 0.7)], "pages": "", "authors": "",
    }),
    ("no identifiers, upper case", True, lambda r, d: {**bare(r), "title": r["title"].upper()}),
    ("DOI on one side, PMID on the other", True, lambda r, d: {"doi": ""}),
    ("authors as initials, pages cut", True, lambda r, d: {
        **bare(r), "authors": initials(r), "pages": short_pages(r),
    }),
    ("letters without marks", True, lambda r, d: {**bare(r), "authors": plain(r["authors"])}),
    ("first author only, et al", True, lambda r, d: {
        **bare(r), "authors": r["authors"].split("; ")[0] + " et al.",
    }),
    ("a slip in the title", True, lambda r, d: {**bare(r), "title": slipped(r, d)}),
    ("subtitle left out, same place", True, lambda r, d: {
        **bare(r), "title": r["title"] + ": results of a multicentre experience",
    }),
    ("ahead of print: no volume, a year before", True, lambda r, d: {
        **bare(r), "year": str(int(r["year"]) - 1), "volume": "", "issue": "", "pages": "",
    }),
    ("marks of the database behind the title", True, lambda r, d: {
        **bare(r), "title": r["title"].rstrip(".") + d.choice([
            " [Review] [45 refs]", " (Provisional abstract)", " [see comment]", ".", " [Abstract]",
        ]),
    }),
    ("issue as a month or with a supplement", True, lambda r, d: {
        **bare(r), "issue": d.choice(["Suppl 1", "", f"{r['issue']} Suppl"]),
    }),
    ("article number with and without e", True, lambda r, d: {
        **bare(r), "pages": "e" + r["pages"].split("-")[0],
    }),
    ("retracted, marked on one side", True, lambda r, d: {
        **bare(r), "title": "RETRACTED: " + r["title"],
    }),
    ("entities and dashes", True, lambda r, d: {
        **bare(r), "title": r["title"].replace("-", "–").replace("&", "&amp;"),
    }),
    ("only title and year", True, lambda r, d: {
        k: r[k] if k in ("title", "year") else "" for k in r
    }),
    ("part I and part II", False, lambda r, d: {
        **elsewhere(r, d), "title": r["title"].rstrip(".") + ". Part II",
        "volume": r["volume"], "journal": r["journal"],
    }),
    ("part II, no identifiers, next pages", False, lambda r, d: {
        **bare(r), "title": r["title"].rstrip(".") + ". Part 2", "pages": "4001-4010",
    }),
    ("abstract of a meeting and the paper", False, lambda r, d: {
        **bare(elsewhere(r, d)), "issue": "Suppl 1", "pages": f"S{d.randrange(20, 400)}",
        "volume": other_number(r, 5), "type": "Conference Abstract",
        "year": str(int(r["year"]) - 1),
    }),
    ("erratum", False, lambda r, d: {
        **elsewhere(r, d), "title": d.choice(["Erratum: ", "Correction to: ", "Corrigendum to "])
        + r["title"], "journal": r["journal"], "authors": r["authors"],
    }),
    ("reply to a letter on it", False, lambda r, d: {
        **elsewhere(r, d), "title": "Reply to: " + r["title"], "journal": r["journal"],
    }),
    ("notice of retraction", False, lambda r, d: {
        **elsewhere(r, d), "title": "Retraction: " + r["title"], "journal": r["journal"],
    }),
    ("preprint", False, lambda r, d: {
        **bare(r), "journal": "medRxiv", "doi": f"10.1101/2020.05.01.{d.randrange(10**8):08}",
        "volume": "", "issue": "", "pages": "", "pmid": "",
    }),
    ("trial's registration", False, lambda r, d: {
        **bare(r), "journal": "ClinicalTrials.gov", "volume": "", "issue": "", "pages": "",
    }),
    ("protocol", False, lambda r, d: {
        **elsewhere(r, d), "title": r["title"].rstrip(".") + ": study protocol",
    }),
    ("update of a review years later", False, lambda r, d: {
        **elsewhere(r, d), "year": str(int(r["year"]) + 4), "journal": r["journal"],
    }),
    ("same title, other authors and place", False, lambda r, d: {
        **bare(elsewhere(r, d)),
        "authors": "; ".join(f"{d.choice(NAMES)}x, Q" for _ in range(3)),
    }),
    ("another outcome in the title, next pages", False, lambda r, d: {
        **bare(r), "title": r["title"].rstrip(".") + ": effects on quality of life",
        "volume": other_number(r, 1), "pages": "4100-4111", "year": str(int(r["year"]) + 1),
    }),
    ("follow-up of other length", False, lambda r, d: {
        **bare(r), "title": r["title"].rstrip(".") + ": 10-year follow-up",
        "volume": other_number(r, 2), "pages": "4200-4211", "year": str(int(r["year"]) + 2),
    }),
    ("a column of two issues, no identifiers", False, lambda r, d: {
        **bare(r), "issue": str(int(r["issue"]) % 12 + 1), "pages": "",
    }),
    ("the same title and authors, other pages of the volume", False, lambda r, d: {
        **bare(r), "issue": "", "pages": "4301-4310",
    }),
    ("another abstract on the same page", False, lambda r, d: {
        **bare(r), "title": reworded(r, d),
    }),
    ("another abstract under one DOI", False, lambda r, d: {
        **elsewhere(r, d), "doi": r["doi"], "journal": r["journal"], "volume": r["volume"],
        "authors": "; ".join(f"{d.choice(NAMES)}, {d.choice('ABC')}" for _ in range(3)),
    }),
]  # fmt: skip


def sets(folder: Path, seed: int) -> pd.DataFrame:
    """All records, with `pair`, `kind` and `side`; a title belongs to one report only."""
    draw = random.Random(seed)
    read = pd.concat(
        [pd.read_csv(p, dtype=str, keep_default_na=False) for p in sorted(folder.glob("*.csv.gz"))]
    )
    read["key"] = read["title"].str.lower().str.replace(r"\W+", "", regex=True)
    read = read[(read["key"].str.len() > 15) & read["year"].str.fullmatch(r"\d{4}(?:\.0)?")]
    read = read.drop_duplicates("key").drop_duplicates("doi", keep="first")
    read = read.sample(frac=1, random_state=seed).to_dict("records")
    rows = []
    for n, source in enumerate(read):
        name, same, change = KINDS[n % len(KINDS)]
        source["year"] = source["year"][:4]
        one = report(draw, n, source)
        other = {**one, **change(one, draw)}
        for side, row in enumerate((one, other)):
            if row["journal"].isdigit():
                row["journal"] = JOURNALS[int(row["journal"])][side and draw.randrange(1, 3)]
            if name.startswith("a column") and side == 0:
                row.update(doi="", pmid="", pages="")
            if name.startswith("article number") and side == 0:
                row["pages"] = row["pages"].partition("-")[0]
            if name.startswith("another abstract under") and side == 1:
                row["title"] = read[n - 1]["title"]
            if name.startswith("another abstract on"):
                row.update(doi="", pmid="", pages=f"S{one['pages'].partition('-')[0]}")
            rows.append({**row, "pair": n, "kind": name, "same": same, "side": side})
    for title in GENERIC:  # generic titles without an author: never one report
        for at in range(8):
            rows.append(
                {"title": title, "year": str(2000 + at), "journal": JOURNALS[at][0],
                 "volume": str(at + 3), "issue": "1", "pages": f"{at + 1}",
                 "pair": f"{title} {at}", "kind": "generic titles", "same": False, "side": at}
            )  # fmt: skip
    table = pd.DataFrame(rows).fillna("")
    return table.assign(record_id=table["pair"].astype(str) + "/" + table["side"].astype(str))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", default="", help="print the failures of kinds with this name")
    options = parser.parse_args()
    records = sets(options.folder, options.seed)
    links, doubtful = duplicates.find(records.drop(columns=["pair", "kind", "same", "side"]))
    kept = dict(zip(links["record_id"], links["duplicate_of"], strict=True))
    unsure = set(zip(doubtful["record_id"], doubtful["duplicate_of"], strict=True))
    tally, wrong = {}, 0
    of = records.set_index("record_id")
    for a, b in kept.items():
        if of.at[a, "pair"] != of.at[b, "pair"]:
            wrong += 1
            if options.show:
                print(of.loc[[a, b]].to_dict("records"))
    for _, rows in records.groupby("pair", sort=False):
        if len(rows) < 2:
            continue
        a, b = rows["record_id"]
        linked = kept.get(a, a) == kept.get(b, b)
        doubt = not linked and ((a, b) in unsure or (b, a) in unsure)
        kind, same = rows["kind"].iloc[0], rows["same"].iloc[0]
        n = tally.setdefault((kind, same), [0, 0, 0])
        n[0] += 1
        n[1] += linked
        n[2] += doubt
        if options.show and options.show in kind and linked != same:
            print(rows.drop(columns=["kind", "same"]).to_dict("records"))
    print(f"{len(records)} records; links between reports of different pairs: {wrong}")
    for wanted, head in ((True, "copies"), (False, "other reports that look alike")):
        print(f"\n{head:45} linked doubtful   of")
        of_all = [0, 0, 0]
        for (kind, same), n in tally.items():
            if same == wanted:
                of_all = [x + y for x, y in zip(of_all, n, strict=True)]
                print(f"{kind:45} {n[1]:6} {n[2]:8} {n[0]:4}")
        print(f"{'all':45} {of_all[1]:6} {of_all[2]:8} {of_all[0]:4}")


if __name__ == "__main__":
    main()
