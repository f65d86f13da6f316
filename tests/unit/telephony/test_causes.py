"""Verdicts, SIP's status and the telephone network's causes."""

import pytest

from telephony.causes import Release, reason_header, release_of, verdict
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
        (600, None, EndReason.BUSY),
        (484, None, EndReason.NOT_FOUND),
        (408, None, EndReason.NO_ANSWER),
        (403, None, EndReason.REJECTED),
        (503, None, EndReason.UNAVAILABLE),
        (500, None, EndReason.UNAVAILABLE),
        (302, None, EndReason.UNAVAILABLE),
        (401, None, EndReason.UNAVAILABLE),  # of our password: it is nobody's word
        (488, None, EndReason.UNAVAILABLE),
        (607, None, EndReason.REJECTED),
    ],
)
def test_what_a_refusal_means(status: int, cause: int | None, expected: EndReason) -> None:
    assert verdict(status, cause) is expected


@pytest.mark.parametrize(
    ("status", "cause", "told"),
    [
        (480, 0, Release(480, 18)),
        (403, 0, Release(403, 21)),
        (404, 0, Release(404, 1)),
        (486, 0, Release(486, 17)),
        (488, 0, Release(488, 88)),
        (600, 0, Release(600, 17)),
        (603, 0, Release(603, 21)),
        (302, 0, Release(480, 31)),
        (408, 0, Release(480, 18)),
        (487, 0, Release(480, 18)),
        (401, 0, Release(500, 41)),
        (407, 0, Release(500, 41)),
        (400, 0, Release(500, 41)),
        (500, 0, Release(500, 41)),
        (503, 0, Release(500, 41)),
        (699, 0, Release(603, 21)),
        (480, 17, Release(486, 17)),  # the cause says more
        (500, 1, Release(404, 1)),
        (403, 21, Release(403, 21)),  # both say the same
        (484, 28, Release(484, 28)),
        (503, 34, Release(500, 34)),
        (480, 31, Release(480, 18)),  # it says nothing
        (486, 999, Release(486, 17)),
    ],
)
def test_how_a_refusal_is_passed_on(status: int, cause: int, told: Release) -> None:
    assert release_of(EndReason.REJECTED, status, cause) == told, "whatever our own verdict"


@pytest.mark.parametrize("status", range(300, 700))
def test_nothing_is_passed_on_that_would_be_misunderstood(status: int) -> None:
    told = release_of(EndReason.ERROR, status).status
    assert told >= 400, "it is no redirection of ours"
    assert told not in {401, 407, 487, 503}, "no challenge, no CANCEL, and we are there for others"


@pytest.mark.parametrize("reason", EndReason)
def test_every_verdict_can_be_told_to_the_telephone_network(reason: EndReason) -> None:
    assert 1 <= release_of(reason).cause <= 127
    assert 400 <= release_of(reason).status < 700


def test_the_header() -> None:
    assert reason_header(17) == ("Reason", 'Q.850;cause=17;text="User busy"')
    assert reason_header(99) == ("Reason", "Q.850;cause=99")
