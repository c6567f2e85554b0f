"""Of each kind that waits among records: the tables that hold it, and what the list says."""

SEARCH = {"file": "a.ris", "searched_on": "2026-01-01", "hits": 1, "read": 1, "rejected": 0}
RECORD, STUDY = "doi:10.5555/a", "ahn-2015"
HAS = {
    "effects": [{"study_id": STUDY, "synthesis": "os"}],
    "risk_of_bias": [{"study_id": STUDY, "tool": "RoB 2"}],
}
AT_ODDS = {"record_id": RECORD, "file": "data/raw/screening/decisions.csv", "row": 7}
SCREENING = {
    "nothing-searched": ({"searches": []}, {"file": "data/raw/searches", "what": "no export"}),
    "undecided-record": (
        {
            "awaiting": [{"record_id": RECORD, "stage": "full-text", "state": "unsure"}],
            "studies": [{"study_id": STUDY, "records": RECORD, "status": "awaiting"}],
        },
        {"record": RECORD, "study_id": STUDY, "what": "full text: more must be read"},
    ),
    "conflict-of-reviewers": (
        {"conflicts": [{"record_id": RECORD, "stage": "full-text", "votes": "a: x; b: {y}"}]},
        {"record": RECORD, "what": "full text: a: x; b: {y}"},
    ),
    "reviewer-under-two-names": (
        {"at_odds": [AT_ODDS | {"column": "reviewer", "what": "A. Berg and Anna Berg count"}]},
        {"record": RECORD, "rows": "7", "what": "A. Berg and Anna Berg count"},
    ),
    "full-text-at-odds": (
        {
            "fulltexts": [
                {"record_id": "pmid:1", "state": "not-retrieved"},
                {"record_id": RECORD, "state": "retrieved", "at_odds": "decided"},
            ]
        },
        {"record": RECORD, "file": "data/raw/fulltexts.csv", "what": "decided at full text, th"},
    ),
    "machine": (
        {
            "machines": [
                {"reviewer": name, "declared": True, "stage": "full-text", "second_look": RECORD}
                for name in ("bot", "other")
            ]
        },
        {"record": RECORD, "what": "full text: excluded by people, and bot and other would"},
    ),
    "decision-without-record": (
        {
            "unmatched": [
                {
                    "row": 9,
                    "record": "pmid:1",
                    "stage": "title-abstract",
                    "reviewer": "kim",
                    "decision": "include",
                    "perhaps": "pmid:11",
                }
            ]
        },
        {"record": "pmid:1", "rows": "9", "what": "title and abstract: kim says include, and no"},
    ),
    "decision-at-odds": (
        {"at_odds": [AT_ODDS | {"column": "stage", "what": "decided at full text"}]},
        {"record": RECORD, "file": "data/raw/screening/decisions.csv", "rows": "7"},
    ),
    "reason-like-not-retrieved": (
        {"at_odds": [AT_ODDS | {"column": "reason", "what": "2 reports excluded"}]},
        {"record": RECORD, "rows": "7", "what": "2 reports excluded"},
    ),
    "settled-pair-waits": (
        {
            "unsettled": [
                {
                    "file": "data/raw/screening/duplicates-kim.csv",
                    "row": 4,
                    "record": "pmid:1",
                    "other": RECORD,
                    "decision": "same",
                    "why": "no-record",
                    "name": "pmid:1",
                    "records": "pmid:11",
                }
            ]
        },
        {
            "record": "pmid:1",
            "file": "data/raw/screening/duplicates-kim.csv",
            "rows": "4",
            "what": f"pmid:1 and {RECORD}, same: no export holds pmid:1; perhaps pmid:11 was meant",
        },
    ),
    "doubtful-duplicate": (
        {"doubtful": [{"record_id": "pmid:1", "duplicate_of": RECORD, "rule": "same title"}]},
        {"record": "pmid:1", "what": f"perhaps the same report as {RECORD}: same title"},
    ),
    "rejected-entry": (
        {"rejects": [{"file": "a.ris", "line": 7, "reason": "no title"}]},
        {"file": "data/raw/searches/a.ris", "rows": "7", "what": "no title"},
    ),
    "hits-unlike-records": (
        {
            "searches": [
                {"file": "a.ris", "searched_on": "2026-01-01", "hits": 9, "read": 7, "rejected": 1},
                {"file": "b.ris", "searched_on": "2026-01-01", "hits": 9, "read": 8, "rejected": 1},
                SEARCH | {"file": "c.ris", "stated": 1, "follow": False},
            ]
        },
        {"file": "data/raw/searches/a.ris", "what": "said 9 hits, the file holds 8"},
    ),
    "unnamed-export": (
        {"searches": [{"file": "a.ris", "searched_on": "", "read": 7, "rejected": 1}]},
        {"file": "data/raw/searches/a.ris", "cure": "searches.csv"},
    ),
    "export-twice": (
        {
            "searches": [
                SEARCH | {"file": "a.ris", "database": "Embase"},
                SEARCH | {"file": "b.ris", "database": "Embase", "same_as": "a.ris"},
                # Of another day or database it is another search, which found the same.
                SEARCH | {"file": "c.ris", "database": "PubMed", "same_as": "a.ris"},
            ]
        },
        {"file": "data/raw/searches/b.ris", "what": "the same file as data/raw/searches/a.ris"},
    ),
    "decisions-not-taken": (
        {
            "not_taken": [
                {"file": "a.ris", "program": "rayyan", "votes": 9, "missing": 7},
            ]
        },
        {"file": "a.ris", "what": "7 of its 9 decisions of Rayyan stand in no table"},
    ),
    "retracted-report": (
        {
            "records": [
                {"record_id": RECORD, "flag": "retracted", "flagged_by": "pmid:7 pmid:8"},
                {"record_id": "pmid:1", "flag": "retracted"},
                {"record_id": "pmid:2", "flag": "preprint"},
            ],
            "included": [{"record_id": r, "study_id": STUDY} for r in (RECORD, "pmid:2")],
            "states": [{"report": RECORD, "state": "reinstated", "source": "Retraction Watch"}],
            **HAS,
        },
        {
            "record": RECORD,
            "what": "retracted (says pmid:7 and pmid:8), and yet included (and reinstated, says "
            "Retraction Watch); its study counts in os",
        },
    ),
    "notice-on-no-report": (
        {
            "notices": [
                {"report": report, "state": "retracted", "notice": "pmid:8", "sure": sure}
                for report, sure in ((RECORD, False), ("pmid:2", True), ("pmid:3", False))
            ],
            "included": [{"record_id": r, "study_id": STUDY} for r in (RECORD, "pmid:2")],
            **HAS,
        },
        {
            "record": RECORD,
            "what": "pmid:8 says of a report that it is retracted, and holds most of the title of "
            "this one; its study counts in os",
        },
    ),
    "corrected-report": (
        {
            "states": [
                {"report": report, "state": state, "source": source, "notice": notice}
                for report, state, source, notice in (
                    (RECORD, "corrected", "PubMed", "pmid:8"),
                    (RECORD, "corrected", "Crossref", "pmid:8"),
                    (RECORD, "concern", "PubMed", ""),
                    ("pmid:2", "corrected", "PubMed", ""),
                    ("pmid:3", "corrected", "PubMed", ""),
                )
            ],
            "records": [{"record_id": r, "identifiers": r} for r in (RECORD, "pmid:2", "pmid:3")],
            "included": [{"record_id": r, "study_id": STUDY} for r in (RECORD, "pmid:2")],
            "sentinel": [{"kind": "correction", "what": "PMID 2", "decided_on": "2026-11-23"}],
            **HAS,
        },
        {
            "record": RECORD,
            "what": "corrected (pmid:8), says PubMed and Crossref; its study counts in os",
        },
    ),
    "state-without-report": (
        {
            "states": [
                {"row": row, "report": report, "state": "retracted", "source": "PubMed"}
                for row, report in enumerate(("PMID 1", "10.5555/ABD"), 2)
            ],
            "records": [{"record_id": "doi:10.5555/abc", "identifiers": "doi:10.5555/abc pmid:1"}],
        },
        {
            "record": "10.5555/ABD",
            "file": "data/raw/states.csv",
            "rows": "3",
            "what": "retracted, says PubMed, and no export holds a report of this name "
            "(perhaps doi:10.5555/abc): nothing is flagged",
        },
    ),
    "known-item-missed": (
        {
            "known_items": [
                {
                    "database": "PubMed",
                    "report": report,
                    "lost_by": part,
                    "searched_on": "2026-11-23",
                }
                for report, part in (
                    *((RECORD, "rats[mh]"), (RECORD, "NOT mice")),
                    *(("pmid:2", ""), ("pmid:3", "")),
                )
            ],
            "records": [{"record_id": r, "identifiers": r} for r in (RECORD, "pmid:2", "pmid:3")],
            "included": [{"record_id": r, "study_id": STUDY} for r in (RECORD, "pmid:2")],
            "sentinel": [{"kind": "missed", "what": "pmid:2", "decided_on": "2026-11-23"}],
            "studies": [{"study_id": STUDY, "status": "included"}],
            **HAS,
        },
        {
            "record": RECORD,
            "what": "PubMed holds it, and the query of 2026-11-23 does not find it: "
            "lost by rats[mh] and by NOT mice",
        },
    ),
    "patients-in-common": (
        {
            "overlaps": [
                {"study_id": STUDY, "other": other, "grade": "likely", "signs": "report noted"}
                | {"answer": answer, "outdated": "different (far apart)" if other == "kim" else ""}
                for other, answer in (("kim", ""), ("lee", "keep"), ("elsewhere", ""))
            ],
            "effects": [
                {"study_id": study, "synthesis": name}
                for study, name in (
                    *((STUDY, "os"), ("kim", "pfs"), ("kim", "os"), ("lee", "os")),
                    ("elsewhere", "pfs"),
                )
            ],
        },
        {
            "study_id": STUDY,
            "file": "data/raw/sentinel.csv",
            "what": "with kim, likely: one report; noted by the reviewers in the column overlap; "
            "both count in os; answered different (far apart), which does not name all of this "
            "(column told of data/raw/sentinel.csv)",
        },
    ),
    "registration-unread": (
        {
            "studies": [
                {"study_id": STUDY, "status": "awaiting", "registration": "NCT9700001"},
                *(
                    {"study_id": f"s{i}", "status": "awaiting", "registration": cell}
                    for i, cell in enumerate(
                        (
                            *("NCT97000001; ethics 970011", "NL9701", "", "registered in 2015"),
                            *("other: Elmland Register 970012", "registered 12.03.2015", "none"),
                        )
                    )
                ),
                {"study_id": "out", "status": "excluded", "registration": "NCT9700001"},
            ]
        },
        {
            "study_id": STUDY,
            "file": "data/raw/extraction/studies.csv",
            "what": "column registration: 'NCT9700001' holds a number of no trial register that is "
            "known: it leads to no entry, and to no other study of the trial unless its cell is "
            "the same",
        },
    ),
    "answer-without-warning": (
        {
            "sentinel": [
                {"kind": kind, "what": what, "row": row}
                for row, (kind, what) in enumerate(
                    (
                        *(("retraction", "pmid:7"), ("retraction", "PMID:1")),
                        *(("overlap", f"kim {STUDY}"), ("overlap", f"{STUDY} gone")),
                    ),
                    2,
                )
            ],
            "records": [
                {"record_id": RECORD, "flag": "retracted", "identifiers": "pmid:7"},
                {"record_id": "pmid:1", "flag": "preprint", "identifiers": "pmid:1"},
            ],
            "overlaps": [{"study_id": STUDY, "other": "kim", "answer": "keep"}],
            "studies": [{"study_id": "gone", "status": "excluded"}],
        },
        {"rows": "3", "what": "retraction of PMID:1: this report is not flagged so"},
    ),
    "other-than-registered": (
        {
            "inspect_sr": [
                {
                    "study_id": STUDY,
                    "source": number,
                    "found": found,
                    "value": "78",
                    "expected": "80",
                }
                for number, found in (
                    *(("NCT1", "patients other than registered"), ("NCT1", "no registration")),
                    ("NCT2", "registered outcome without a number"),
                )
            ],
            "trials": [
                {"number": "NCT1", "record_id": "key-1"},
                {"number": "NCT2", "record_id": "key-2"},
            ],
            "records": [{"record_id": f"key-{i}", "identifiers": ""} for i in (1, 2)],
            "sentinel": [
                {
                    "kind": "registration",
                    "what": "key-2",
                    "told": 'NCT2: primary outcome registered as "80"; there are numbers on 78',
                }
            ],
            "studies": [{"study_id": STUDY}],
            **HAS,
        },
        {
            "study_id": STUDY,
            "record": "key-1",
            "file": "data/raw/sentinel.csv",
            "what": "NCT1: 80 patients registered, 78 reported",
        },
    ),
    "report-without-study": (
        {"included": [{"record_id": RECORD}, {"record_id": "pmid:2", "study_id": STUDY}]},
        {"record": RECORD, "file": "data/raw/extraction/studies.csv"},
    ),
    "study-not-screened": (
        {"studies": [{"study_id": STUDY, "status": "not-screened"}]},
        {"study_id": STUDY, "what": "none of its reports stands among the screened ones"},
    ),
}
