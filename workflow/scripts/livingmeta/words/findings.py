"""A result in plain words, as sure as people were of it.

Santesso et al. 2020, J Clin Epidemiol 119:126 (GRADE guidelines 26: informative statements), in our
own words. Whether a difference is a small one is a judgement that no code makes: a result whose
interval takes in no difference is said to leave the question open.
"""

SURENESS = {"high": "", "moderate": "probably ", "low": "may ", "very-low": ""}
# What a better and a worse result are called.
VERBS = {
    "harm": ("lower the risk of", "raise the risk of"),
    "benefit": ("raise the chance of", "lower the chance of"),
    "": ("improve", "worsen"),
}
UNKNOWN = "The certainty of this result has not been judged."
NOT_POOLED = "The effects are told by their direction, and none is pooled."
NOT_ESTIMABLE = "Not estimable: nobody, or everybody, had the event."
NO_EFFECT = "No study gives an effect."
VERY_LOW = "The evidence is very uncertain about the effect of {first} on {outcome}."
OPEN = "Whether {first} does better or worse than {second} for {outcome} is {open}."
OPENNESS = {
    "high": "left open by evidence of high certainty",
    "moderate": "probably still open",
    "low": "open, and the evidence of low certainty",
}


def sentence(
    certainty: str, side: int | None, first: str, second: str, outcome: str, of: str
) -> str:
    """What the summary of findings says of a comparison.

    `side`: 1 where the first arm does better, -1 where worse, 0 where the interval takes in no
    difference, None for what compares nothing; `first`, `second`, `outcome`: as within a sentence;
    `of`: `harm` or `benefit` for events that a patient has or has not, else "".
    """
    if not certainty:
        return UNKNOWN
    if side is None:
        return ""
    if certainty == "very-low":
        return VERY_LOW.format(first=first, outcome=outcome)
    if side == 0:
        return OPEN.format(first=first, second=second, outcome=outcome, open=OPENNESS[certainty])
    better, worse = VERBS[of]
    verb, _, what = (better if side > 0 else worse).partition(" ")
    verb = verb if SURENESS[certainty] == "may " else f"{verb}s"
    what = f"{what} {outcome}".strip()
    whole = f"{first} {SURENESS[certainty]}{verb} {what}, compared with {second}."
    return whole[0].upper() + whole[1:]


def not_pooled(effects: int, empty: int) -> str:
    """What is said of a synthesis without a result: so many studies have an effect, and in so many
    nobody, or everybody, had the event."""
    if effects:
        return NOT_POOLED
    return NOT_ESTIMABLE if empty else NO_EFFECT
