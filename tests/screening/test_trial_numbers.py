"""Numbers of registers, as people and registers write them."""

import pytest

from livingmeta.screening import trial_numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(NCT97000001)", ["NCT97000001"]),
        ("NCT 97000001 and NCT97000001", ["NCT97000001"]),
        ("NCT970000011", []),
        ("XNCT97000001", []),
        ("ISRCTN97000001.", ["ISRCTN97000001"]),
        ("EudraCT number 2010-018588-96", ["EUCTR2010-018588-96"]),
        ("EUCTR2010-018588-96-DE", ["EUCTR2010-018588-96"]),
        ("EUCT number: 2022-500014-26-00", ["CTIS2022-500014-26"]),
        ("EU CT 2022-500014-26-00", ["CTIS2022-500014-26"]),
        ("phone 2010-018588-96", []),
        ("ChiCTR2000097001, ChiCTR-IOR-97000123", ["ChiCTR2000097001", "ChiCTR-IOR-97000123"]),
        ("JPRN-UMIN000097001", ["UMIN000097001"]),
        ("jRCTs031970001 jRCT1031970001", ["jRCTs031970001", "jRCT1031970001"]),
        ("KCT0097001", ["KCT0097001"]),
        ("CTRI/2020/01/097001", ["CTRI/2020/01/097001"]),
        ("ACTRN97000000000001", ["ACTRN97000000000001"]),
        ("DRKS00097001", ["DRKS00097001"]),
        ("PACTR202001970000001", ["PACTR202001970000001"]),
        ("IRCT20200101970001N1", ["IRCT20200101970001N1"]),
        ("TCTR20200101001", ["TCTR20200101001"]),
        ("RBR-97abcd", ["RBR-97abcd"]),
        ("RPCEC00097001", ["RPCEC00097001"]),
        ("NL9701, and NL97001.018.10", ["NL9701", "CCMO-NL97001.018.10"]),
        ("ESPEN-NL2015, 5 NL 9701, NL9701.5", []),
        ("HKUCTR-9701; U1111-9700-0001", ["HKUCTR-9701", "U1111-9700-0001"]),
        ("AEARCTR-0009701", ["AEARCTR-0009701"]),
        # The register named, and its letters left out.
        ("registered at clinicaltrials.gov (07000001)", ["NCT07000001"]),
        ("ClinicalTrials.gov identifier: 07000001", ["NCT07000001"]),
        ("ClinicalTrials.gov was searched 20150101", []),
        ("ClinicalTrials.gov: NCT07000001", ["NCT07000001"]),
        ("Current Controlled Trials 97000001", ["ISRCTN97000001"]),
        ("ANZCTR 97000000000001", ["ACTRN97000000000001"]),
        ("CTRI-2020-01-097001, CTRI/2020/01/97001", ["CTRI/2020/01/097001"]),
        ("IRCT 20200101970001 N1", ["IRCT20200101970001N1"]),
        # As typesetters and people part the register from the number.
        ("ChiCTR\u2010TRC\u201097000123", ["ChiCTR-TRC-97000123"]),
        ("ChiCTR - TRC - 97000123", ["ChiCTR-TRC-97000123"]),
        ("EudraCT 2010\u2010018588\u201096", ["EUCTR2010-018588-96"]),
        ("EudraCT\u00a02010\u2013018588\u201196", ["EUCTR2010-018588-96"]),
        ("NCT\u00a097000001; NCT\u201197000002", ["NCT97000001", "NCT97000002"]),
        ("NCT: 97000001, NCT#97000002", ["NCT97000001", "NCT97000002"]),
        ("NCT number: 97000001; NCT No. 97000002", ["NCT97000001", "NCT97000002"]),
        ("ISRCTN: 97000001", ["ISRCTN97000001"]),
        ("UMIN-CTR 000097001, UMIN-CTR: 000097002", ["UMIN000097001", "UMIN000097002"]),
        ("ACTRN 97000 000 000 001", ["ACTRN97000000000001"]),
        ("ACTRN: 97000000000001 and 12 more", ["ACTRN97000000000001"]),
        ("NTR: 9701", ["NTR9701"]),
        ("RBR\u201097abcd", ["RBR-97abcd"]),
        ("NCT no 1 of 97000001 rows", []),
        ("found in NTR (2010) and NTR, 2012", []),
        ("The NTR was searched in 2010", []),
    ],
)
def test_numbers_in_a_text(text, found):
    assert trial_numbers.numbers(text) == found


def test_a_bare_number_is_of_the_register_of_its_column():
    assert trial_numbers.number("97000001", "ISRCTN registry") == "ISRCTN97000001"
    assert trial_numbers.number("97000001") == ""
    assert trial_numbers.number("2010-018588-96") == "EUCTR2010-018588-96"
    assert trial_numbers.number("2022-500014-26-00") == "CTIS2022-500014-26"


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("2010-018588-96", ["EUCTR2010-018588-96"]),
        ("2010\u2010018588\u201096; NCT: 97000001", ["EUCTR2010-018588-96", "NCT97000001"]),
        ("not registered", []),
        ("97000001", []),
        ("https://osf.io/x7k2p", ["OSF.IO/X7K2P"]),
    ],
)
def test_a_column_of_registrations_needs_no_label_for_europe(cell, found):
    assert sorted(trial_numbers.of_column(cell)) == found


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("NCT9700001", ["nct9700001"]),
        ("NCT97000001; ethics 97/0011", ["ethics970011"]),
        ("97000001 and Elm-Register 97-01", ["97000001", "elmregister9701"]),
        ("registered in 2015", []),
        ("2015-03, 12.03.2015, 2019/2020", []),
        ("IMPACT 2, not registered", []),
    ],
)
def test_a_number_of_no_known_register_is_told_from_a_year(cell, parts):
    assert trial_numbers.unread(cell) == parts


@pytest.mark.parametrize(
    ("cell", "many"),
    [
        ("NCT9700001", 1),
        ("DRKS 1234", 1),
        ("ISRCTN 123456", 1),
        ("RTOG 0617", 0),
        ("researchregistry1234", 0),
        ("none; protocol doi:10.5555/s13063-015-0123-4", 0),
        ("registered on 15/03/12", 0),
    ],
)
def test_only_what_names_a_register_is_taken_for_mistyped(cell, many):
    assert len(trial_numbers.mistyped(cell)) == many
