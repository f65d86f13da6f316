"""What counts as evidence of a consent."""

import pytest

from campaigns.rules.evidence import Proof, check_evidence
from core.errors import ParseError


@pytest.mark.parametrize(
    ("how", "evidence", "proof"),
    [
        ("spoken", "r-01jd3x0k2m-7f9qk3tz1a", Proof.RECORDING),
        ("spoken", "c-01jd3x0k2m-7f9qk3tz1a", Proof.CALL),
        ("written", "合同 7，档案柜 3", Proof.DOCUMENT),
        ("online", "form 7", Proof.DOCUMENT),
        ("agent", "r-1", Proof.RECORDING),
        ("written", "r-type form of 2026", Proof.DOCUMENT),
    ],
)
def test_what_counts(how: str, evidence: str, proof: Proof) -> None:
    assert check_evidence(how, evidence) is proof


@pytest.mark.parametrize(
    ("how", "evidence", "said"),
    [
        ("spoken", "他说可以", "needs its recording"),
        ("spoken", "合同 7，档案柜 3", "needs its recording"),
        ("written", "z", "too short: 4"),
        ("online", "…… ——", "too short"),
        ("agent", "", "no evidence"),
        ("written", "长" * 301, "longer than 300"),
    ],
)
def test_what_does_not(how: str, evidence: str, said: str) -> None:
    with pytest.raises(ParseError, match=said):
        check_evidence(how, evidence)
