"""What the words of a design say: were arms drawn by lot, and how were patients allotted?"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts

ByLot = Literal["yes", "no", "unclear"]

# What says of a design that its arms were drawn by lot, wherever it stands, without accents:
# prospective randomised trial, double-blind RCT, gerandomiseerd, ensayo aleatorizado, RKS; glued
# to another word (nonrandomised, quasirandomised) it does not.
_LOT = (
    r"(?:(?:cluster|block|group|gruppen)-?)?(?:ge)?random(?!ly|ness)\w\w+"
    r"|(?:cluster|individually|double-blind)[- ]random\b(?! (?:sampl|selec|survey))"
    r"|random (?=allocat|assign|controlled|clinical|trial)"
    r"|random(?:ly|)[,]? (?:\w+ )?(?:allocat|assign|allott|divid)\w+"
    r"|(?:allocat|assign|allott)\w+ (?:randomly|at random)|(?:drawn?|allott?ed|assigned) by lot"
    r"|(?:c|cm|sw)?-?rcts?\b|sw-?crt\b|(?<![^ ])crt(?=$|[,;(])|r\.c\.t\b|(?:rks|ecr|rki)\b"
    r"|zufallszuteilung|zufallig zugeteilt"
    r"|aleatori[sz]\w+|aleatoriamente|satunnaistet\w+|рандомизир\w+|рки\b|τυχαιοποιημ\w+"
    r"|(?<!echantillon )(?<!muestra )(?<!amostra )(?<!seleccion )(?<!selection )(?<!muestreo )"
    r"aleato(?:ri[oa]|ire)\b|tires? au sort"
)
# In languages without blanks.
_LOT_GLUED = (
    r"(?<!非)(?:随机|隨機)(?![抽选選])|(?<!非)無作為(?!抽)|(?<!非)ランダム化"
    r"|(?<!비)무작위(?! ?(?:표|추))"
)
# Drawn by lot, but what was studied and not who got what.
_SAMPLED = (
    r" (?:sampl|subsampl|subset|select|survey(?! exp)|chart|record|digit|respon[sd]|stichprob|"
    r"excerpt|(?:block|group|set|number)s? of )"
)
# What denies it, with the words that may stand between, or behind it: `randomised: no`.
_DENIED = (
    r"(?:\b(?:non|not|no|none|nicht|keine?|ohne|without|sans|sin|senza|sem|nao|niet|ikke|icke|inte|"
    r"ej|nie|не|quasi|pseudo|semi|never|nor|neither|instead of|rather than|mendel\w+|genetic|"
    r"natur\w+|lack of|absence of|fehlende\w*|refus\w+|declin\w+|un)|n't|n\.)[-‐-– ]*"
    r"(?:(?:an?|the|any|been|were|was|is|yet|really|truly|properly|adequately|"
    r"fully|individually|formal(?:ly)?|eine?|une?|uma|een|de)[- ])*"
)
_DENIED_BEHIND = (
    # no (n = 120), and no non-inferiority
    r" ?(?:[:=?] ?(?:no|none|non|nein|n|0|false)(?= ?(?:$|[,;.()]))|\((?:no|none|nein)\))"
    r"| (?:was |were |is )?"
    r"(?:(?:not|never|no|none)(?= ?(?:$|[,;.)]|done|perform|carried|possible|feasible|used|applied"
    r"|undertaken|conducted|achieved))|absent\b|excluded\b|failed\b)"
    # what is known beforehand is no lot
    r"| ?,? ?(?:by|per|on|according to|based on|using|nach) (?:the |their )?(?:(?:last )?digits? |"
    r"(?:date|day|month|year|time|order)s? of (?:the )?(?:birth|admission|attendance|presentation|"
    r"arrival|week)|birth (?:date|day|year)|birthdays?\b|week(?:day)?s?\b|"
    r"(?:hospital|record|chart|file|id|patient|room|bed) numbers?\b(?!.*(?:list|comput))|"
    r"alternat(?!ing block)|(?:odd|even)\b|turns?\b|"
    r"(?:\w+ )?(?:availab|preferenc|choice)|geburt|wochentag)"
    r"| (?:alternat\w+|in turn)\b"
)
# That nothing is said of how, which neither denies nor says it.
_UNTOLD = (
    r" ?[:=?]? ?(?:was |were |is )?(?:(?:not|un) ?(?:described|reported|stated|clear|known))\b"
)
# Beside these the arms compared may be others than those that were drawn.
_OTHERWISE = re.compile(
    r"retrospective(?!ly reg)|post[- ]?hoc|secondary anal\w+ of|emulat|propensity|observational"
    r"|extension (?:study |phase |trial )?of|\bole\b|as[- ]treated|preference|comprehensive cohort"
    r"|(?:subgroup|meta|pooled|participant data)[- ]?(?:anal\w+|data) (?:of|from)|parallel to"
    r"|case[- ]control|cross[- ]sectional|histori|before[- ](?:and[- ])?after|single[- ]arm"
    r"|\bcohort (?:study |analysis )?(?:nested )?(?:with)?(?:in|of|from)\b|nested (?:with)?in"
)
# Slips of the hand, which say it as likely as not.
_MISSPELT = re.compile(r"\b(?:(?:ramdom|randmi|radomi|randoni|radnom|rnadom|ranomi)\w+|rtc\b)")
_ANY = re.compile(rf"(?P<denied>{_DENIED})?\b(?P<lot>{_LOT})|(?P<glued>{_LOT_GLUED})")
_NOTHING = re.compile(f"{_SAMPLED}|{_UNTOLD}")
_BEHIND = re.compile(_DENIED_BEHIND)


CLUSTER = "cluster"
# What is drawn by lot as a whole; centres and hospitals are mostly strata.
_UNITS = r"(schools?|classrooms?|villages?|wards?|practices?|households?|communit(y|ies))"
# Designs that are no parallel arms, as words of the column `design` say them, but for those that
# mean something else (cluster headache, controls who cross over at progression).
_TOLD = {
    CLUSTER: r"(?<!not a )(?<!no )\bcluster(?!s? (headache|analys|sampl))|\bc-?rct\b"
    r"|\bsw-?crt\b|^crt(?=$|[,;(])|(group|community)[- ]randomi|stepped[- ]wedge"
    rf"|randomi[sz](ed|ation) (by|of) {_UNITS}\b|\b{_UNITS} (were|was) randomi[sz]ed"
    rf"|\b{_UNITS}[- ]randomi[sz]ed",
    "crossover": r"\bcross(ed)?[- ]?over(?! (at|on|after|upon) (progress|relapse|failure))"
    r"(?! (was |is |were )?(allowed|permitted))|\bab/ba\b|\blatin[- ]square|\bn[- ]of[- ]1\b",
    "paired": r"split[- ](mouth|face|body)|(within|intra)[- ](person|patient|individual|subject)"
    r"|contralateral|\bfellow[- ]eye|\bpaired (eyes?|organs?|limbs?)",
}


def told_of(design: str) -> str:
    """The allocation that the words of a design tell, `parallel` too; "" where they tell none."""
    forms = {**_TOLD, "parallel": r"\bparallel"}
    return next((x for x, form in forms.items() if re.search(form, design, re.IGNORECASE)), "")


def reads_by_lot(design: str) -> ByLot:
    """Whether a design says that its arms were drawn by lot; unclear where it says so of some of
    them, or of a trial of which something else may be compared."""
    apart = unicodedata.normalize("NFKD", design.casefold())
    # Signs of kana are no accents.
    kept = "".join(c for c in apart if not 0x300 <= ord(c) <= 0x36F)
    words = " ".join(unicodedata.normalize("NFC", kept).replace("_", " ").split())
    said = set()
    for found in _ANY.finditer(words):
        behind = words[found.end() :]
        if found["lot"] and _NOTHING.match(behind):
            continue
        said.add(not (found["denied"] or (found["lot"] and _BEHIND.match(behind))))
    if True not in said:
        return "unclear" if _MISSPELT.search(words) else "no"
    return "unclear" if False in said or _OTHERWISE.search(words) else "yes"


def says_by_lot(design: str) -> bool:
    """Whether a design says of itself that its arms were drawn by lot."""
    return reads_by_lot(design) == "yes"


def drawn_by_lot(study: Mapping[Any, Any]) -> bool:
    """Whether the column comparability or design of a row of studies.csv says that its arms were
    drawn by lot."""
    how, design = (tables.text(study.get(c)).strip() for c in ("comparability", "design"))
    return how.casefold() == "randomised" or says_by_lot(design)


def by_lot(studies: pd.DataFrame) -> set[str]:
    """The studies whose arms were drawn by lot, as `drawn_by_lot` reads their rows."""
    return {str(row["study_id"]) for row in as_dicts(studies) if drawn_by_lot(row)}
