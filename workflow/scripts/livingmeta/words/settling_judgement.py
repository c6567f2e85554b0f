"""The kinds of things that wait among judgements, as the last rows of settling.KINDS."""

RISK_OF_BIAS = "data/raw/extraction/risk_of_bias.csv"
CERTAINTY = "data/raw/extraction/certainty.csv"
ROB_ME = "data/raw/extraction/rob_me.csv"
LIST = "results/to_settle.csv"

KINDS = (
    (
        "conflict-of-assessors",
        "result",
        "judgement",
        "conflict between assessors of risk of bias",
        "conflicts between assessors of risk of bias",
        "results/extraction/risk_of_bias.csv",
        "{tool}, {label}{of}: {said}",
        f"Agree on it, and add to {RISK_OF_BIAS} a row whose assessor is consensus.",
    ),
    (
        "risk-of-bias-without-overall",
        "text",
        "judgement",
        "risk of bias judged by domains and not as a whole",
        "risks of bias judged by domains and not as a whole",
        "results/extraction/risk_of_bias.csv",
        "{tool}{of}: domains are judged, and the whole is not",
        f"Add to {RISK_OF_BIAS} a row whose domain is overall.",
    ),
    (
        "study-without-risk-of-bias",
        "text",
        "judgement",
        "included study whose risk of bias is not judged",
        "included studies whose risk of bias is not judged",
        LIST,
        "no judgement of its risk of bias",
        f"Judge it in {RISK_OF_BIAS}.",
    ),
    (
        "certainty-moved",
        "text",
        "judgement",
        "judgement of certainty whose facts have moved",
        "judgements of certainty whose facts have moved",
        "results/judgement/to_judge.csv",
        "{synthesis}: {domain} judged {judgement}, and since (then, now) {moved}",
        f"Judge it again in {CERTAINTY}; copy facts anew from results/judgement/to_judge.csv.",
    ),
    (
        "synthesis-without-certainty",
        "text",
        "judgement",
        "result whose certainty is not judged",
        "results whose certainty is not judged",
        LIST,
        "{synthesis}: no judgement of its certainty",
        f"Judge it in {CERTAINTY}.",
    ),
)
