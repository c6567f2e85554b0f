"""Of each kind that waits among the judgements: the tables that hold it, and what the list says."""

from living.waiting_records import HAS, STUDY

INCLUDED = {"study_id": STUDY, "status": "included", "label": "Ahn"}
JUDGEMENTS = {
    "conflict-of-assessors": (
        {
            "risk_of_bias": [
                {"study_id": STUDY, "tool": "RoB 2", "label": "Overall", "outcome": "os"}
                | {"state": state, "said": "low (ab); high (cd)", "rows": "3, 7"}
                for state in ("conflict", "agreed")
            ]
        },
        {
            "study_id": STUDY,
            "rows": "3, 7",
            "what": "RoB 2, Overall of os: low (ab); high (cd)",
            "cure": "consensus",
        },
    ),
    "risk-of-bias-without-overall": (
        {"risk_of_bias": [{"study_id": STUDY, "tool": "RoB 2", "state": "missing"}]},
        {"study_id": STUDY, "what": "RoB 2: domains are judged, and the whole is not"},
    ),
    "risk-of-bias-milder-than-domain": (
        {
            "risk_of_bias": [
                {"study_id": study, "tool": tool, "outcome": outcome, "domain": domain}
                | {"label": label, "judgement": word, "support": why, "rows": "4"}
                for study, tool, outcome, domain, label, word, why in (
                    (STUDY, "RoB 2", "", "D1", "Randomisation process", "high", ""),
                    (STUDY, "RoB 2", "", "D2", "Deviations", "some concerns", ""),
                    (STUDY, "RoB 2", "", "overall", "Overall", "some concerns", ""),
                    # As bad as the worst; no information is neither; said why; no such rule.
                    ("kim", "RoB 2", "", "D1", "Randomisation process", "high", ""),
                    ("kim", "RoB 2", "", "overall", "Overall", "high", ""),
                    ("lee", "ROBINS-I", "", "D1", "Confounding", "no information", ""),
                    ("lee", "ROBINS-I", "", "overall", "Overall", "low", ""),
                    ("ode", "RoB 2", "", "D1", "Randomisation process", "high", ""),
                    ("ode", "RoB 2", "", "overall", "Overall", "low", "of no weight here"),
                    ("ray", "RoB 1", "", "D1", "Sequence generation", "high", ""),
                    ("ray", "RoB 1", "", "overall", "Overall", "low", ""),
                )
            ]
        },
        {
            "study_id": STUDY,
            "rows": "4",
            "what": "some concerns as a whole, and Randomisation process high",
        },
    ),
    "study-without-risk-of-bias": (
        {"studies": [INCLUDED], "effects": HAS["effects"]},
        {"study_id": STUDY},
    ),
    "certainty-moved": (
        {
            "to_judge": [
                {"synthesis": "os", "domain": domain, "judgement": word, "moved": moved}
                for domain, word, moved in (
                    ("imprecision", "serious", "n: 90, 230"),
                    ("inconsistency", "serious", ""),
                    ("overall", "", "n: 1, 2"),
                )
            ]
        },
        {"what": "os: imprecision judged serious, and since (then, now) n: 90, 230"},
    ),
    "certainty-without-facts": (
        {
            "certainty": [
                {"synthesis": name, "domain": domain, "facts": facts}
                for name, domain, facts in (
                    ("os", "overall", ""),
                    ("os", "imprecision", ""),
                    ("os", "inconsistency", "k=3"),
                    ("os", "indirectness", ""),
                    ("pfs", "overall", "k=4"),
                )
            ],
            "to_judge": [
                {"synthesis": name, "domain": domain, "judgement": "low", "facts": facts}
                for name, domain, facts in (
                    ("os", "overall", "k=3"),
                    ("os", "imprecision", "n=90"),
                    ("os", "inconsistency", "k=3"),
                    ("os", "indirectness", ""),
                    ("pfs", "overall", "k=4"),
                )
            ],
        },
        {"what": "os: nothing says on which facts overall and imprecision", "cure": "copy them"},
    ),
    "missing-no-longer": (
        {
            "rob_me": [
                {"synthesis": name, "study_id": study, "found": found}
                for name, study, found in (
                    ("os", "NCT97000002", "no longer missing"),
                    ("pfs", "NCT97000002", "no longer missing"),
                    ("os", "kim", "not usable"),
                )
            ]
        },
        {"study_id": "NCT97000002", "what": "os and pfs: it is among the trials without a report"},
    ),
    "certainty-of-nothing": (
        {
            "certainty": [
                {"synthesis": name, "domain": "overall", "judgement": "low"}
                for name in ("os", "pfs", "empty", "curve", "told")
            ],
            "to_judge": [{"synthesis": "pfs", "domain": "overall", "judgement": "low"}],
            "unusable": [
                {"synthesis": "empty", "study_id": "kim", "reason": "none", "empty": True}
            ],
            "intervals": [{"synthesis": "curve", "study_id": "kim", "reason": ""}],
            "effects": [{"synthesis": "told", "study_id": "kim"}],
        },
        {"what": "os: judged low, and no study gives an effect to it"},
    ),
    "certainty-unlike-domains": (
        {
            "certainty": [
                {"synthesis": name, "domain": domain, "judgement": word}
                for name, judged in {
                    "os": {"overall": "high", "imprecision": "serious"},
                    # Half filled, it may be lower; raised and lowered; beyond the end.
                    "pfs": {"overall": "very-low", "imprecision": "serious"},
                    "up": {"overall": "high", "imprecision": "serious", "large-effect": "large"},
                    "end": {"overall": "very-low", "inconsistency": "very-serious"}
                    | {"imprecision": "extremely-serious", "publication-bias": "suspected"},
                }.items()
                for domain, word in judged.items()
            ],
            "to_judge": [{"synthesis": name} for name in ("os", "pfs", "up", "end")],
        },
        {"what": "os: high overall, and from what lowered and raised it follows very"},
    ),
    "synthesis-without-certainty": (
        {
            "pooled": [
                {"synthesis": "os", "primary": True},
                {"synthesis": "pfs", "primary": True},
                {"synthesis": "none", "primary": False},
            ],
            "certainty": [{"synthesis": "pfs"}],
        },
        {"what": "os: no judgement"},
    ),
}
# Values of studies.csv that the protocol names, and that look like those.
VALUES = {
    "value-of-no-study": (
        {
            "studies": [
                {"study_id": "oda-2017", "status": "excluded", "site": "lung"},
                {"study_id": "lee-2016", "status": "excluded", "site": "single arm"},
            ]
        },
        {
            "what": "os: include names Single-arm of the column site, and no study has it; perhaps "
            "single arm was meant (studies.csv has lung and single arm)",
            "file": "config/config.yaml",
        },
    ),
    "value-like-named": (
        {
            "studies": [
                {"study_id": "oda-2017", "status": "excluded", "site": "lung"},
                {"study_id": "lee-2016", "status": "awaiting", "site": "lung (small cell)"},
            ]
        },
        {
            "study_id": "lee-2016",
            "what": "site of lee-2016 is lung (small cell), which does not count as the lung that "
            "the protocol names in os (include): is it the same?",
            "file": "data/raw/extraction/studies.csv",
        },
    ),
}
