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
    ],
)
def test_a_column_of_registrations_needs_no_label_for_europe(cell, found):
    assert sorted(trial_numbers.of_column(cell)) == found
