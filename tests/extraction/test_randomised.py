"""Which designs say that the arms were drawn by lot, in the words of papers."""

import pytest

from livingmeta.extraction.randomised import drawn_by_lot, reads_by_lot

YES = """
randomised controlled trial|RCT|randomised|Prospective randomised trial|open-label RCT|pilot RCT
double-blind, randomised, placebo-controlled trial|double-blind RCT|Phase 3 randomised|crossover RCT
registry-based randomised trial|retrospectively registered RCT|cluster random|individually random
controlled clinical trial, randomised|stepped-wedge cluster randomised trial|cRCT|cluster-RCT
RCT (randomisation not described)|random controlled trial|randomzied trial|R.C.T.
randomly assigned, open|patients randomly allocated|randomised block design|Cohort multiple RCT
non-inferiority randomised trial|non-blinded randomised trial|randomised_controlled_trial|RKS
randomisierte kontrollierte Studie|clusterrandomisierte Studie|essai contrôlé randomisé|ECR
ensayo clínico aleatorizado|ensayo controlado aleatorio|studio randomizzato|gerandomiseerde studie
randomiserad studie|randomizované|рандомизированное исследование|随机对照试验|無作為化比較試験
ランダム化比較試験|무작위 대조 시험
RCT not blinded|RCT: no blinding|RCT none blinded|RCT not registered|Randomised not blinded|SW-CRT
RCT with extension phase|RCT of tooth extension|RCT, secondary analysis planned
Randomised by birth weight strata|randomised by admission ward|RCT, later in a meta-analysis
randomised by computer|randomised according to a list of random numbers|CRT|CRT, open label
"""
NO = """
non-randomised|nonrandomised|quasi-randomised|quasi RCT|not randomised|pseudo-randomised|NRCT|cohort
randomly sampled survey|Mendelian randomisation|randomised block of records|random sample
not a randomised trial|not truly randomised|prospective, non–randomised|without randomisation
randomised selection of charts|randomly selected cohort|random-digit dialling survey|non-RCT
randomised: no|randomisation not done|randomization unclear|cohort with random sampling
controlled trial|alternating allocation|unrandomised|nicht randomisiert|nicht-randomisierte Studie
non randomisé|no aleatorizado|não randomizado|niet-gerandomiseerd|muestra aleatoria
icke-randomiserad|échantillon aléatoire|nierandomizowane|не рандомизированное
非随机|非無作為化|随机抽样调查|비무작위
randomised by birth date|randomised by hospital number|randomised by alternation
un-randomised|randomised (no)|patients refusing randomisation|randomised alternately
randomised on odd days|randomised by last digit of ID|randomised by bed availability
lack of randomisation|randomised according to date of birth|CRT cohort
randomisation was not possible|cohort, randomisation absent|RCT excluded; cohort
"""
UNCLEAR = """
randomised and non-randomised|post hoc analysis of RCT|retrospective analysis of a randomised trial
ramdomised|randmised controlled trial|RTC, open|open-label extension of an RCT|OLE of RCT
preference arm of RCT|cohort parallel to RCT|secondary analysis of a randomised trial
as-treated analysis of a randomised trial|subgroup analysis of RCT|Pooled analysis of 3 RCTs
cohort nested in an RCT|target trial emulation of an RCT|RCT with historical controls
"""


@pytest.mark.parametrize(("designs", "says"), [(YES, "yes"), (NO, "no"), (UNCLEAR, "unclear")])
def test_a_design_says_by_lot_wherever_the_word_stands(designs, says):
    told = [of for line in designs.strip().splitlines() for of in line.split("|")]
    assert {of: reads_by_lot(of) for of in told} == dict.fromkeys(told, says)
    assert drawn_by_lot({"design": "", "comparability": "randomised"})
