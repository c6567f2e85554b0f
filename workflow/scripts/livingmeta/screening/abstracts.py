"""The paragraphs of structured abstracts, which exports run together."""

import re

# Headings of structured abstracts (those of journals and Cochrane reviews), singular or plural.
_HEADINGS = """
    abstract|aims?|aims? and objectives?|approach|authors'? conclusions?|background|
    case presentation|case report|clinical relevance|clinical trial registration|
    conclusions?|conclusions? and relevance|context|data collection|
    data collection and analysis|data extraction|data sources?|data synthesis|design|
    discussion|evidence acquisition|evidence synthesis|exposures?|findings|funding|
    goals?|hypothesis|implications|importance|interpretation|interventions?|
    introduction|level of evidence|limitations|main outcomes?|
    main outcomes? and measures?|main outcome measures?|main results|materials?|
    measurements?|methods?|methodology|objectives?|outcomes?|outcome measures?|
    participants|patients|population|primary outcomes?|problem|purpose|question|
    rationale|registration|relevance|results?|review methods|sample|search methods?|
    search strategy|secondary outcomes?|selection criteria|setting|settings|
    significance|statistical analysis|study design|study eligibility criteria|
    study selection|subjects|summary|systematic review registration|trial registration|
    trial registration number|what is already known|what this study adds
"""
_ONE = "(?:" + re.sub(r"\s*\n\s*", "", _HEADINGS) + ")"
_KNOWN = rf"{_ONE}(?:(?:\s*[,/&]\s*|\s+and\s+){_ONE})*"
# Capitals throughout are a heading whatever they say: TRIAL REGISTRY:, STUDY FUNDING/INTERESTS:.
_CAPITALS = r"[A-Z][A-Z'’/&,() -]{2,70}[A-Z)]"
# After the end of a sentence, or of what stands there before a bracket is closed.
_BREAK = re.compile(rf"(?<=[.!?;:)\]”\"])\s+(?=(?:(?=[A-Z])(?i:{_KNOWN})|{_CAPITALS})\s*[:：])")


def paragraphs(abstract: str) -> str:
    """An abstract with a line break before each of its headings; what is none is left as it is."""
    return _BREAK.sub("\n", abstract)
