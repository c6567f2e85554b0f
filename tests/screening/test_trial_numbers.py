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
