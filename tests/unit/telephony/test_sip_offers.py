"""The table of offers and answers: every pair of state and happening, and what must be true of all of them."""

from itertools import product
from unittest.mock import MagicMock

import pytest

from telephony.sip.glare import MAX_RETRIES, Glare
from telephony.sip.headers import Headers
from telephony.sip.message import Response
from telephony.sip.offer_table import OFFERS, Do, On, State
from telephony.sip.renegotiation import Renegotiation

NEVER = {
    # answers come only to what we have sent
    *product((State.STABLE, State.THEIRS, State.UNACKED), (On.ACCEPTED, On.REFUSED, On.GLARE)),
    *product((State.STABLE, State.OURS, State.THEIRS, State.UNACKED), (On.NO_UPDATE,)),
    # the time to think runs while an offer of theirs waits, that of an ACK while our 200 does
    *product((State.STABLE, State.OURS, State.UPDATING, State.UNACKED), (On.TOO_LONG,)),
    *product((State.STABLE, State.OURS, State.UPDATING, State.THEIRS), (On.ACK, On.NO_ACK)),
}
OFFER = {On.REOFFER: Do.SEND_INVITE, On.REOFFER_BY_UPDATE: Do.SEND_UPDATE}
REPLIES = {Do.REPLY_OK, Do.REPLY_REFUSAL, Do.REPLY_TERMINATED, Do.REPLY_TIMEOUT}


@pytest.mark.parametrize(("state", "happening"), list(product(State, On)))
def test_every_pair_has_its_step_or_cannot_come(state: State, happening: On) -> None:
    assert ((state, happening) in OFFERS) is not ((state, happening) in NEVER)
    if (state, happening) in NEVER:
        return
    after, actions = OFFERS[state, happening]
    if happening in OFFER:  # an offer of ours goes at once, or waits for its turn: it is never lost
        assert actions == ((OFFER[happening],) if state is State.STABLE else (Do.KEEP,))
    if happening is On.THEIR_OFFER:  # RFC 3261 §14.2, RFC 3311 §5.2
        refusal = {State.OURS: Do.REPLY_PENDING, State.UPDATING: Do.REPLY_PENDING, State.THEIRS: Do.REPLY_LATER}
        assert actions == (refusal[state],) if state in refusal else actions[-1] is Do.TELL_OFFER
        assert after is (state if state in refusal else State.THEIRS)
    if state is not State.THEIRS:
        assert not REPLIES & set(actions), "a reply needs an offer of theirs that waits"
    elif after is not State.THEIRS:
        assert len(REPLIES & set(actions)) == 1, "which is answered exactly once"
    if after is State.STABLE and state is not State.STABLE:  # what was kept goes on its way
        assert actions[-1] in (Do.PUMP, Do.WAIT, Do.LOSE)
    if state in (State.OURS, State.UPDATING) and after is State.STABLE:  # the rooms above hear of theirs, or it is kept
        assert actions[0] in (Do.TELL_ANSWER, Do.TELL_REFUSAL, Do.WAIT, Do.KEEP)


def machine(state: State) -> Renegotiation:
    """In ``state``, among parts that do nothing."""
    made = Renegotiation(MagicMock(), MagicMock(), MagicMock(), MagicMock(), MagicMock(), began_call=True, user="")
    made._state = state
    made._ours, made._theirs, made._accepted = MagicMock(due=False), MagicMock(), MagicMock()
    return made


def happens(on: On, made: Renegotiation) -> None:
    """As what it is to the machine: a command, a message, or time that has passed."""
    answer = MagicMock(status=200, content_type="application/sdp", body=b"v=0")
    match on:
        case On.REOFFER | On.REOFFER_BY_UPDATE:
            made._ours.due, made._owner.may_update = True, on is On.REOFFER_BY_UPDATE  # type: ignore[misc]
            made.reoffer(b"v=0", 0.0)
        case On.ANSWER_INVITE | On.ANSWER_UPDATE:
            made._theirs.came_by.return_value = on is On.ANSWER_INVITE  # type: ignore[attr-defined]
            made.answer(b"v=0", 0.0)
        case On.REJECT:
            made.reject(488, 0.0)
        case On.THEIR_OFFER:
            made.on_offer(MagicMock(), 0.0)
        case On.WITHDRAWN:
            made.on_cancel(MagicMock(), 0.0)
        case On.ACK:
            made.on_ack(MagicMock(), 0.0)
        case On.ACCEPTED:
            made.on_answer(MagicMock(), answer, 0.0)
        case On.GLARE:
            made.on_answer(MagicMock(), MagicMock(status=491), 0.0)
        case On.NO_UPDATE:
            made._ours.crossed.return_value = False  # type: ignore[attr-defined]
            made.on_answer(MagicMock(request=MagicMock(method="UPDATE")), MagicMock(status=405), 0.0)
        case On.REFUSED:
            made.on_silence(MagicMock(), MagicMock(), 0.0)
        case On.TOO_LONG:
            made._too_long(0.0)
        case On.NO_ACK:
            made._no_ack(0.0)


@pytest.mark.parametrize(("state", "on"), list(OFFERS))
def test_every_row_of_the_table_is_done(state: State, on: On) -> None:
    """With what came with the input, where an act needs that."""
    made = machine(state)
    happens(on, made)
    assert made._state is OFFERS[state, on][0]


@pytest.mark.parametrize(
    ("status", "retry_after", "least", "most"),
    [
        (491, None, 2.1, 4.0), (491, "5", 2.1, 4.0), (500, "7", 7.0, 8.0), (500, "0", 0.0, 1.0),
        (500, "7 (busy)", 7.0, 8.0), (500, "10;duration=3", 10.0, 11.0),
    ],
)  # fmt: skip
def test_how_long_an_offer_waits(status: int, retry_after: str | None, least: float, most: float) -> None:
    headers = Headers([("Retry-After", retry_after)] if retry_after is not None else [])
    for chance in (0.0, 0.5, 0.999):
        glare = Glare(lambda chance=chance: chance, began_call=True)  # type: ignore[misc]
        assert glare.is_in(Response(status, headers=headers))
        assert least <= glare.wait_s() <= most
    other = Glare(lambda: 0.5, began_call=False)
    assert other.is_in(Response(491))
    assert other.wait_s() == 1.0


@pytest.mark.parametrize(("status", "retry_after"), [(488, "1"), (500, ""), (500, "11"), (500, "soon"), (503, "5")])
def test_what_is_a_refusal_and_no_glare(status: int, retry_after: str) -> None:
    headers = Headers([("Retry-After", retry_after)] if retry_after else [])
    assert not Glare(lambda: 0.5, began_call=True).is_in(Response(status, headers=headers))


def test_an_offer_comes_again_a_few_times_only() -> None:
    glare = Glare(lambda: 0.5, began_call=True)
    for _ in range(MAX_RETRIES):
        assert glare.is_in(Response(491))
        glare.wait_s()
    assert not glare.is_in(Response(491))
    glare.forget()
    assert glare.is_in(Response(491))
