"""A carrier that holds calls with a served line by plain text over one socket, so that any message of a call that is up
can be sent wrong: the line's own messages are answered rightly, as long as they can be read.
"""

import random
import re
import socket
from dataclasses import dataclass

NUMBER = "4008001234"
_SDP = (
    "v=0\r\no=- 1 {version} IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 101\r\n"
    "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"
)
_TAG = re.compile(rb"\r\nTo:[^\r\n]*;tag=([^;\r\n]+)")
_CALL = re.compile(rb"\r\nCall-ID: *([^\r\n]+)")
_ECHOED = re.compile(rb"(?m)^(?:Via|From|To|Call-ID|CSeq|Record-Route):[^\r\n]*\r\n")


@dataclass
class LiveCall:
    """One call: ``tag`` is the line's, "" until it has answered."""

    call_id: str
    tag: str = ""
    cseq: int = 1
    up: bool = False


class RawCarrier:
    """``server`` is the line. Bounded by ``most`` calls at a time, the oldest is hung up for a new one."""

    def __init__(self, host: str, port: int, server: tuple[str, int], seed: int, most: int = 8) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, port))
        self.socket.setblocking(False)
        self.host, self.port = self.socket.getsockname()
        self.answered = 0
        self._server = server
        self._chance = random.Random(seed)
        self._most = most
        self._calls: dict[str, LiveCall] = {}
        self._count = 0

    def close(self) -> None:
        """Hang up all, and close the socket."""
        for call in list(self._calls.values()):
            self._hang_up(call)
        self.socket.close()

    def send(self, data: bytes) -> None:
        """To the line; a full buffer is a lost datagram."""
        try:
            self.socket.sendto(data, self._server)
        except (BlockingIOError, ConnectionRefusedError):
            return

    def begin(self) -> None:
        """One call more."""
        while len(self._calls) >= self._most:
            self._hang_up(next(iter(self._calls.values())))
        self._count += 1
        call = LiveCall(f"{self._count}-{self._chance.getrandbits(48):x}@{self.host}")
        self._calls[call.call_id] = call
        self.send(self._request("INVITE", call))

    def listen(self) -> None:
        """Answer what the line has sent by now."""
        while True:
            try:
                data = self.socket.recv(65536)
            except (BlockingIOError, ConnectionRefusedError):
                return
            self._take(data)

    def right(self) -> bytes:
        """Any message that would be right at this moment in one of the calls."""
        if not self._calls:
            self.begin()
        call = self._chance.choice(list(self._calls.values()))
        method = self._chance.choice(
            ["INVITE", "INVITE", "ACK", "BYE", "CANCEL", "INFO", "UPDATE", "PRACK", "OPTIONS", "REFER", "NOTIFY", "200"]
        )
        if method == "200":
            return self._request("INVITE", call).replace(b"INVITE sip:", b"SIP/2.0 200 OK\r\nX: ", 1)
        if method not in ("INVITE", "ACK", "CANCEL"):
            call.cseq += 1
        return self._request(method, call)

    def _take(self, data: bytes) -> None:
        found = _CALL.search(data)
        call = self._calls.get(found[1].decode("ascii", "replace").strip()) if found else None
        if not data.startswith(b"SIP/2.0"):
            if not data.startswith(b"ACK"):
                lines = b"".join(_ECHOED.findall(data))
                self.send(b"SIP/2.0 200 OK\r\n" + lines + b"Content-Length: 0\r\n\r\n")
            if data.startswith(b"BYE") and call is not None:
                self._calls.pop(call.call_id, None)
            return
        if call is None or b" INVITE\r\n" not in data:
            return
        if tag := _TAG.search(data):
            call.tag = tag[1].decode("ascii", "replace")
        if data.startswith(b"SIP/2.0 2"):
            self.answered += not call.up
            call.up = True
            self.send(self._request("ACK", call))
        elif not data.startswith(b"SIP/2.0 1"):
            self.send(self._request("ACK", call))
            if not call.up:
                self._calls.pop(call.call_id, None)

    def _hang_up(self, call: LiveCall) -> None:
        call.cseq += 1
        self.send(self._request("BYE" if call.up else "CANCEL", call))
        self._calls.pop(call.call_id, None)

    def _request(self, method: str, call: LiveCall) -> bytes:
        if method == "INVITE" and call.up:
            call.cseq += 1
        to = f";tag={call.tag}" if call.tag and method != "CANCEL" else ""
        number = 1 if method == "CANCEL" else call.cseq
        lines = [
            f"{method} sip:{NUMBER}@{self._server[0]}:{self._server[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bK{call.call_id[:12]}{method[:1]}{number};rport",
            "Max-Forwards: 70",
            f"From: <sip:1380013{self._count % 10000:04d}@{self.host}>;tag=c{call.call_id[:6]}",
            f"To: <sip:{NUMBER}@{self._server[0]}>{to}",
            f"Call-ID: {call.call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:1380013@{self.host}:{self.port}>",
        ]
        body = ""
        if method in ("INVITE", "UPDATE"):
            direction = self._chance.choice(["sendrecv", "sendonly", "inactive"]) if call.up else "sendrecv"
            body = _SDP.format(version=number, host=self.host, direction=direction)
            lines += ["Supported: 100rel, timer", "Content-Type: application/sdp"]
        elif method == "INFO":
            body = "Signal=5\r\nDuration=160\r\n"
            lines.append("Content-Type: application/dtmf-relay")
        elif method == "REFER":
            lines.append(f"Refer-To: <sip:4008005555@{self._server[0]}>")
        elif method == "NOTIFY":
            body = "SIP/2.0 180 Ringing\r\n"
            lines += ["Event: refer", "Subscription-State: active", "Content-Type: message/sipfrag"]
        elif method == "PRACK":
            lines.append("RAck: 1 1 INVITE")
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()
