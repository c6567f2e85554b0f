"""Notices of retraction, of concern and of correction, and whom they are about.

A search made after a retraction may bring the notice alone; the report came with an earlier export
that knew nothing of it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.screening import identity, kinds, normalise
from livingmeta.screening.duplicates import fields_compared

# ASSUME: two reports may share a title shorter than this (Editorial, Lung cancer in 2019).
_TELLING = 25
# ASSUME: so much of a title's words, of so many at least, make it likely enough to be asked about.
_MOST, _FEWEST = 0.8, 3
_PMID = re.compile(r"\bPMID:?\s*0*(\d+)", re.IGNORECASE)
# What PubMed gives a notice for an abstract: [This retracts the article DOI: 10.5555/salt.1.]
_THIS = re.compile(
    r"\W*this (?:retracts|corrects|concerns) the article\b[^\]]{0,200}", re.IGNORECASE
)
_FIND: dict[str, Callable[[str], list[str]]] = {"doi": normalise.dois, "pmid": _PMID.findall}
# The type of a report of which its own record says that it was corrected (readers/fields.py).
_CORRECTED = "corrected publication"
# British and American spelling of one word, in the letters of `normalise.title_key`.
_SPELT = (
    (re.compile(r"(?<=[a-z]{2})([iy])s(?=e|ing|ation)"), r"\1z"),
    (re.compile(r"[ao]e"), "e"),
    (re.compile(r"our(?=_|s?$|s_)"), "or"),
    (re.compile(r"(?<=t)re(?=_|s?$|s_|d_)"), "er"),
)
_SUBTITLE = re.compile(r"\s*[:?.]\s+|\s[-–—]+\s|[–—]")
# What a notice says around the title of the report, behind its first words (`Retraction of`) and
# besides its authors and its place.
_AROUND = frozenset([
    "about", "al", "and", "article", "articulo", "artigo", "artikels", "artículo", "author",
    "authors", "by", "concerning", "da", "das", "de", "del", "der", "die", "do", "du", "editor",
    "editors", "el", "entitled", "et", "for", "l", "la", "le", "les", "manuscript", "notice",
    "of", "on", "originally", "paper", "pp", "publication", "published", "publikation",
    "regarding", "the", "this", "title", "titled", "to", "vol", "vom", "von", "zum", "zur",
])  # fmt: skip


class Told(NamedTuple):
    """What is told of a report, all by record_id; `sure`: whether it is plainly about this one."""

    notice: str
    says: str
    report: str
    sure: bool


def found(
    copies: pd.DataFrame, names: list[str], listed: pd.DataFrame, records: pd.DataFrame
) -> list[Told]:
    """Each notice with what it says (a flag, or `corrected`) and the report it is about.

    `copies`: the records of all exports as they were read, `names` what each is called in `listed`,
    the rows of copies.csv; `records`: as records.csv. A notice is about the report whose DOI or
    PMID its export names with it, a copy that says in its title what became of the report about
    that of its own; where it names none, or none that the report could have, about
    those of its title and no younger than it: to the word, but for British spelling, or with
    nothing around it but what a notice says, the report's authors and its place. So is a record of
    its own that is called `RETRACTED: ...`, as some publishers call their notices, whatever
    identifiers it has. A notice of retraction or concern on none of these that holds most of the
    words of a title may be about that report: not `sure`.
    """
    if not len(copies):
        return []
    record_of = dict(zip(listed["copy"], listed["record_id"], strict=True))
    said = _each(kinds.says, copies)
    at = [i for i, flag in enumerate(said) if flag]
    rows = as_dicts(copies.iloc[at])
    notices = [(record_of[names[i]], said[i], row) for i, row in zip(at, rows, strict=True)]
    if not notices:
        return []
    of_notices = {record for record, _, row in notices if _is_notice(row)}
    called: dict[str, list[dict[Any, Any]]] = {}
    reports = []
    for row, kind in zip(as_dicts(records), _each(kinds.kind, records), strict=True):
        if row["record_id"] in of_notices:
            continue
        title = _key(kinds.bare_title(row["title"])) if kind == kinds.REPORT else ""
        if title:
            reports.append(row)
        short = "" if title or kind != kinds.REPORT else _short(kinds.bare_title(row["title"]))
        for name in {title, short, *row["identifiers"].split()} - {""}:
            called.setdefault(name, []).append(row)
    # A record is a report, and no notice, by one of its copies that tells nothing, or by its type.
    plain = {
        record_of[name]
        for name, flag, type_ in zip(names, said, copies["type"], strict=True)
        if not flag or "retracted publication" in type_.lower()
    }
    told, open_ = set(), []
    for record, flag, row in notices:
        of_any = flag == kinds.FLAGS[0] and record not in plain
        about = {report for report in _reports(row, called, of_any) if report != record}
        told |= {Told(record, flag, report, True) for report in about}
        if not about and flag in kinds.FLAGS and (about := _ahead(row, called) - {record}):
            told |= {Told(record, flag, report, False) for report in about}
        if not about and (by := dict(_of_short_title(row, called))) and record not in by:
            told |= {Told(record, flag, report, sure) for report, sure in by.items()}
        elif not about and not _is_copy(row):
            open_.append((record, flag, row))
    return sorted(told | set(_by_words(open_, reports)))


def waiting(
    told: list[Told], records: pd.DataFrame, states: pd.DataFrame, pairs: pd.DataFrame
) -> list[Told]:
    """`told` without what a person has answered: where one is not sure, a row of states.csv that
    names the notice, or a settled pair that calls notice and report different; and without what the
    report is flagged as already.

    `records`: as records.csv; `states`: as read under schema data/states; `pairs`: under
    data/duplicates.
    """
    names = dict(zip(records["record_id"], map(str.split, records["identifiers"]), strict=True))
    flag = dict(zip(records["record_id"], records["flag"], strict=True))
    answered = set(map(identity.canonical, states["notice"].fillna("")))
    different = {
        frozenset(map(identity.canonical, (row["record"], row["other"])))
        for row in as_dicts(pairs)
        if row["decision"] == "different"
    }

    def asked(one: Told) -> bool:
        own, theirs = ({record, *names[record]} for record in (one.notice, one.report))
        parted = any(frozenset((a, b)) in different for a in own for b in theirs)
        graver = kinds.FLAGS[: kinds.FLAGS.index(one.says) + 1]
        return not (own & answered or parted or flag[one.report] in graver)

    return [one for one in told if one.sure or asked(one)]


def table(
    told: list[Told],
    copies: pd.DataFrame,
    names: list[str],
    listed: pd.DataFrame,
    searches: pd.DataFrame,
) -> pd.DataFrame:
    """Rows of screening/notices: `told`, and the corrections that the records of reports tell.

    `copies`, `names`, `listed`: as for `found`; `searches`: as searches.csv.
    """
    record_of = dict(zip(listed["copy"], listed["record_id"], strict=True))
    day_of = dict(zip(searches["file"], searches["searched_on"].fillna(""), strict=True))
    seen: dict[tuple[str, str, str, bool], list[tuple[str, str]]] = {}
    of_notice: dict[str, list[Told]] = {}
    for one in told:
        of_notice.setdefault(one.notice, []).append(one)
    columns = [copies[name] for name in ("file", "source", "type", "note", "doi", "pmid")]
    for name, file, source, type_, note, *own in zip(names, *columns, strict=True):
        record, where = record_of[name], (str(day_of.get(file, "")), source)
        for one in of_notice.get(record, ()):
            seen.setdefault((one.report, one.says, record, one.sure), []).append(where)
        if _CORRECTED in type_.lower():
            # PubMed's cell holds what is tied to a report by the first of its tags alone
            alone = "retract" not in type_.lower() and "concern" not in type_.lower()
            named = (f"{kind}:{n}" for kind in ("pmid", "doi") for n in _FIND[kind](note))
            its_own = {f"doi:{own[0]}", f"pmid:{own[1]}"}
            notice = next((n for n in named if alone and n not in its_own), "")
            seen.setdefault((record, kinds.CORRECTED, notice, True), []).append(where)
    rows = [
        (*key, "; ".join(sorted({s for _, s in at if s})), min((d for d, _ in at if d), default=""))
        for key, at in sorted(seen.items())
    ]
    return pd.DataFrame(rows, columns=["report", "state", "notice", "sure", "source", "seen_on"])


def _each(tell: Callable[..., str], table: pd.DataFrame) -> list[str]:
    columns = [table[name] for name in ("title", "type", "doi", "journal")]
    return [tell(*fields) for fields in zip(*columns, strict=True)]


def _kind(row: Mapping[Any, Any]) -> str:
    return kinds.kind(row["title"], row["type"], row["doi"], row["journal"])


def _is_copy(row: Mapping[Any, Any]) -> bool:
    """Whether it is the report itself, by a title that says what became of it."""
    named = kinds.bare_title(row["title"]) != row["title"]
    return named and _kind(row) not in (kinds.NOTICE, kinds.CONCERN)


def _is_notice(row: Mapping[Any, Any]) -> bool:
    """Whether it is no report, nor one that only perhaps is none (`Retraction of the tongue`)."""
    return not _is_copy(row) and _kind(row) != kinds.REPORT


def _folded(title: str) -> str:
    """The key of a title in one spelling."""
    key = normalise.title_key(title)
    for british, american in _SPELT:
        key = british.sub(american, key)
    return key


def _key(title: str) -> str:
    """The title as it is compared; "" where it tells too little."""
    key = _folded(title)
    return f"title of {key}" if len(key) >= (_TELLING if key.isascii() else 8) else ""


def _short(title: str) -> str:
    """A title that tells too little by itself, as it is compared."""
    return f"short title of {_folded(title)}"


def _of_short_title(
    notice: Mapping[Any, Any], called: Mapping[str, list[dict]]
) -> Iterator[tuple[str, bool]]:
    """Reports of a short title that a notice names whole, each with whether it is plainly this one:
    of the same people and journal. Of other people, or in another journal, it is another."""
    for title in kinds.about(notice["title"]):
        for row in called.get(_short(title), ()):
            pairs = zip(*(map(_who_and_where, (notice, row))), strict=True)
            (ours, theirs), places = pairs
            journal = fields_compared.journals(*places)
            apart = journal == fields_compared.DIFFERENT or (ours and theirs and not ours & theirs)
            if not apart and _may_be_of(notice, row):
                yield row["record_id"], bool(ours and theirs) and journal == fields_compared.SAME


def _who_and_where(row: Mapping[Any, Any]) -> tuple[frozenset[str], str]:
    """The family names of a record's authors, and its journal as it is compared."""
    return fields_compared.name_words(row["authors"])[2], normalise.title_key(row["journal"])


def _named(notice: Mapping[Any, Any]) -> tuple[set[str], set[str]]:
    """DOIs and PMIDs of the report that a record names with it, or that are its own as a copy."""
    own = set(identity.identifiers(notice))
    if _is_copy(notice):  # under the identifiers of the report, if it has some
        return (
            {name for name in own if name.startswith("doi:")},
            {name for name in own if name.startswith("pmid:")},
        )
    said = notice["abstract"] if _is_notice(notice) else ""
    if standard := _THIS.match(said):
        said = standard[0]
    dois, pmids = (
        {f"{name}:{one}" for one in find(notice["note"])} - own for name, find in _FIND.items()
    )
    # ASSUME: an abstract that names one DOI or PMID names that of the report; of several, some
    # are of other works.
    for names, (name, find) in zip((dois, pmids), _FIND.items(), strict=True):
        of_abstract = {f"{name}:{one}" for one in find(said)} - own
        names |= of_abstract if len(of_abstract) == 1 else set()
    return dois, pmids


def _may_be_of(notice: Mapping[Any, Any], row: Mapping[Any, Any]) -> bool:
    """Whether nothing that a notice says of its report, and no year, is against this one."""
    theirs = row["identifiers"].split()
    of_another = any(
        names and any(name.startswith(prefix) for name in theirs)
        for names, prefix in zip(_named(notice), ("doi:", "pmid:"), strict=True)
    )
    return not of_another and _no_younger(notice, row)


# ASSUME: an issue comes at most so many years after a report was first to be read.
_AHEAD = 2


def _younger(notice: Mapping[Any, Any], row: Mapping[Any, Any]) -> int:
    """By how many years a report is younger than a notice; 0 if it is not, or nobody knows."""
    years = row["year"][:4], notice["year"][:4]
    return max(int(years[0]) - int(years[1]), 0) if all(map(str.isdigit, years)) else 0


def _no_younger(notice: Mapping[Any, Any], row: Mapping[Any, Any]) -> bool:
    return _younger(notice, row) == 0


def _reports(
    notice: Mapping[Any, Any], called: Mapping[str, list[dict]], of_any: bool
) -> Iterator[str]:
    """`of_any`: whether what says so of itself, `RETRACTED: ...`, may be the notice on another."""
    # ASSUME: a copy called `WITHDRAWN: ...` is of another text, a preprint or one in press, beside
    # which the article stands; what is retracted was published.
    dois, pmids = _named(notice)
    freely = _is_copy(notice) and of_any
    if by_name := [row["record_id"] for name in dois | pmids for row in called.get(name, ())]:
        yield from by_name
        if not freely:
            return
    fits = _no_younger if freely else _may_be_of
    yield from (row["record_id"] for row in _titled(notice, called) if fits(notice, row))


def _titled(notice: Mapping[Any, Any], called: Mapping[str, list[dict]]) -> Iterator[dict]:
    for title in kinds.about(notice["title"]):
        yield from called.get(_key(title), ())


def _ahead(notice: Mapping[Any, Any], called: Mapping[str, list[dict]]) -> set[str]:
    """Reports of a notice's title that are dated a little after it: the issue came later, or it is
    the next of one title."""
    return {
        row["record_id"]
        for row in _titled(notice, called)
        if 0 < _younger(notice, row) <= _AHEAD and _may_be_of({**notice, "year": ""}, row)
    }


def _by_words(
    notices: Sequence[tuple[str, str, Mapping[Any, Any]]], reports: list[dict[Any, Any]]
) -> Iterator[Told]:
    """Reports of whose titles a notice holds the whole, or most of the words."""
    keys = [(record, says, row, _folded(row["title"])) for record, says, row in notices]
    asked = {word for *_, key in keys for word in key.split("_")} - _UNTELLING
    holders: dict[str, list[int]] = {}
    titles = [_folded(kinds.bare_title(row["title"])) for row in reports] if asked else []
    for at, title in enumerate(titles):
        for word in asked.intersection(title.split("_")):
            holders.setdefault(word, []).append(at)
    for record, says, notice, key in keys:
        words = set(key.split("_"))
        shared = Counter(at for word in words - _UNTELLING for at in holders.get(word, ()))
        likely = [at for at, n in shared.items() if n >= _FEWEST]
        likely = [at for at in likely if reports[at]["record_id"] != record]
        likely = [at for at in likely if _may_be_of(notice, reports[at])]
        rest = _folded(next(iter(kinds.about(notice["title"])), ""))
        whole = [at for at in likely if _nothing_else(rest, titles[at], reports[at])]
        for at in whole:
            yield Told(record, says, reports[at]["record_id"], True)
        # A correction that names no report is not looked after; nor what is perhaps no notice.
        if whole or says == kinds.CORRECTED or not _is_notice(notice):
            continue
        share = {at: _share(words, titles[at], reports[at]) for at in likely}
        most = max(share.values(), default=0)
        for at in share:
            if share[at] == most >= _MOST:
                yield Told(record, says, reports[at]["record_id"], False)


_UNTELLING = fields_compared.SMALL | {_folded(word) for word in fields_compared.OF_DESIGN}


def _nothing_else(key: str, title: str, report: Mapping[Any, Any]) -> bool:
    """Whether a notice, without its first words, holds this title whole, and around it only what
    notices say, the authors of the report and, behind it, its place with the year."""
    before, held, behind = f"_{key}_".partition(f"_{title}_")
    if not held or not _key(report["title"]):
        return False
    people = set(_folded(report["authors"]).split("_"))
    people |= {
        re.sub(r"\W", "", name.partition(",")[2]).lower() for name in report["authors"].split(";")
    }

    def left(words: str) -> list[str]:
        named = _AROUND | people
        return [
            w for w in words.split("_") if w not in named and (len(w) > 1 or w in "a0123456789")
        ]

    # "hepatitis" is not "hepatitis C"
    if len(first := behind.partition("_")[0]) == 1 and first not in people:
        return False
    after = [w for w in left(behind) if w]
    # "... in children" goes on, and so does a title with a number behind it, unless a year is there
    goes_on = first in fields_compared.SMALL - {"by"}
    dated = any(re.fullmatch(r"(?:19|20)\d\d", w) for w in after)
    journal = [word for word in _folded(report["journal"]).split("_") if len(word) > 1]
    return not any(left(before)) and (
        not after
        or (dated and not goes_on and all(not w.isalpha() or _of_name(w, journal) for w in after))
    )


def _of_name(word: str, journal: list[str]) -> bool:
    return any(fields_compared.shortens(word, full) for full in journal)


def _share(words: set[str], title: str, report: Mapping[Any, Any]) -> float:
    """How much of a title's telling words a notice holds; all, if all before its subtitle."""
    main = _SUBTITLE.split(kinds.bare_title(report["title"]).strip())[0]
    before = set(_folded(main).split("_")) - _UNTELLING
    telling = set(title.split("_")) - _UNTELLING
    if len(before) >= _FEWEST and before <= words:
        return 1.0
    return len(telling & words) / len(telling) if len(telling) > _FEWEST else 0.0
