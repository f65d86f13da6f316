"""Whatever a peer sends, at whatever moment of a call: the endpoint never raises, and what it keeps stays bounded."""

import random
import re

import pytest

from telephony.sip.events import Answered, Invited, Offered, Progressed, SipEvent
from telephony.sip.settings import SipSettings
from tests.scenario.sip_network import Network, Party
from tests.shared import need_shared

ROUNDS = 250
SETTINGS = SipSettings(max_transactions=400, max_sessions=60, max_sessions_per_host=50, max_requests=40)
METHODS = b"INVITE ACK BYE CANCEL OPTIONS INFO UPDATE REGISTER REFER PRACK FOO".split()
STATUSES = [b"100", b"180", b"183", b"200", b"202", b"302", b"401", b"407", b"408", b"481", b"486", b"491", b"603"]


def react(party: Party, event: SipEvent) -> None:
    chance = party.network.chance.random()
    if isinstance(event, Invited):
        if chance < 0.7:
            status, sdp = (183, b"v=0") if chance < 0.3 else (180, None)
            party.do(lambda endpoint, now: endpoint.progress(event.session, now, status, sdp))
        if chance < 0.5:
            party.do(lambda endpoint, now: endpoint.accept(event.session, now, b"v=0"))
    elif isinstance(event, Offered):
        if chance < 0.5:
            party.do(lambda endpoint, now: endpoint.answer_offer(event.session, now, b"v=0"))
    elif (isinstance(event, Answered) and chance < 0.3) or (isinstance(event, Progressed) and chance < 0.2):
        party.do(lambda endpoint, now: endpoint.hang_up(event.session, now))


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One of the ways in which peers are wrong."""
    lines = data.split(b"\r\n")
    kind = chance.randrange(10)
    if kind == 0:
        place = chance.randrange(len(data))
        return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
    if kind == 1:
        del lines[chance.randrange(len(lines))]
        return b"\r\n".join(lines)
    if kind == 2:
        line = chance.choice(lines)
        lines.insert(chance.randrange(len(lines)), line)
        return b"\r\n".join(lines)
    if kind == 3:
        new = chance.choice(METHODS)
        return re.sub(rb"(CSeq: \d+ )\w+", rb"\g<1>" + new, re.sub(rb"^[A-Z]+ sip", new + b" sip", data))
    if kind == 4:
        return re.sub(rb"CSeq: \d+", b"CSeq: %d" % chance.choice([0, 1, 2, 3, 7, 2**31, 2**32 - 1]), data)
    if kind == 5:
        return re.sub(rb"^SIP/2.0 \d\d\d", b"SIP/2.0 " + chance.choice(STATUSES), data)
    if kind == 6:
        return re.sub(rb"tag=\w+", lambda _: b"tag=%x" % chance.randrange(4), data)
    if kind == 7:
        return re.sub(rb"branch=z9hG4bK\w+", lambda _: b"branch=z9hG4bK%x" % chance.randrange(8), data)
    if kind == 8:
        return data[: chance.randrange(len(data))]
    header = chance.choice(
        [
            b"Require: 100rel", b"Record-Route: <sip:10.9.9.9;lr>", b"Record-Route: <sip:10.9.9.9>, bad <",
            b"Route: x", b'Timestamp: "\\\0"', b'Record-Route: "\\\0" <sip:10.9.9.9;lr>',
            b"Contact: <tel:123>", b"Contact: *", b"Max-Forwards: 0", b"Content-Type: text/plain",
            b"Reason: Q.850;cause=x", b"WWW-Authenticate: Digest realm=x", b"Retry-After: soon", b"Expires: -1",
            b"Content-Encoding: gzip",
        ]
    )  # fmt: skip
    lines.insert(1, header)
    return b"\r\n".join(lines)


@pytest.mark.parametrize("seed", range(6))
def test_mutated_calls_never_raise(seed: int) -> None:
    network = Network(seed, loss=0.1, double=0.1, jitter_s=0.3)
    caller = network.party("caller", "10.0.0.1", SETTINGS)
    line = network.party("line", "10.0.0.2", SETTINGS)
    caller.react = line.react = react
    chance = random.Random(seed)
    for number in range(ROUNDS):
        if number % 5 == 0:
            caller.call(line, sdp=None if number % 15 == 0 else b"v=0")
        network.run(chance.random() * 2)
        message, source, to = chance.choice(network.wire[-12:])
        party = network.parties[to]
        network.inject(mutated(message.to_bytes(), chance), party, source)
    for party in (caller, line):
        assert len(party.endpoint._sessions) <= SETTINGS.max_sessions
        assert len(party.endpoint._agent.layer) <= SETTINGS.max_transactions
        for session in list(party.endpoint._sessions._sessions):
            party.do(lambda endpoint, now, session=session: endpoint.hang_up(session, now))
    network.loss = 0.0
    network.run(500)
    for party in (caller, line):
        assert len(party.endpoint._sessions) == 0
        assert len(party.endpoint._agent.layer) == 0
        assert len(party.endpoint._agent.timers) == 0
        assert not party.endpoint._agent.dialogs


def test_torture_messages_never_raise() -> None:
    folder = need_shared("rfc4475")
    network = Network()
    line = network.party("line", "10.0.0.2")
    caller = network.party("caller", "10.0.0.1")
    for path in sorted(folder.glob("*.dat")):
        network.inject(path.read_bytes(), line, caller.hop)
    network.run(700)
    assert len(line.endpoint._sessions) == 0
    assert len(line.endpoint._agent.layer) == 0
