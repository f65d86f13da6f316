"""Verdicts, SIP's status and the telephone network's causes."""

import pytest

from telephony.causes import cause_of_reason, reason_header, verdict
from telephony.ports import EndReason


@pytest.mark.parametrize(
    ("status", "cause", "expected"),
    [
        (486, None, EndReason.BUSY),
        (480, None, EndReason.NO_ANSWER),
        (480, 17, EndReason.BUSY),  # gateways that say 480 for everything
        (503, 34, EndReason.UNAVAILABLE),
        (603, 21, EndReason.REJECTED),
        (404, 1, EndReason.NOT_FOUND),
        (500, 1, EndReason.NOT_FOUND),
        (480, 31, EndReason.NO_ANSWER),  # "normal, unspecified" says nothing
        (486, 16, EndReason.BUSY),
        (487, None, EndReason.NO_ANSWER),
        (403, 999, EndReason.REJECTED),
    ],
)
def test_what_a_refusal_means(status: int, cause: int | None, expected: EndReason) -> None:
    assert verdict(status, cause) is expected


@pytest.mark.parametrize("reason", EndReason)
def test_every_verdict_can_be_told_to_the_telephone_network(reason: EndReason) -> None:
    assert 1 <= cause_of_reason(reason) <= 127


def test_the_header() -> None:
    assert reason_header(17) == ("Reason", 'Q.850;cause=17;text="User busy"')
    assert reason_header(99) == ("Reason", "Q.850;cause=99")
