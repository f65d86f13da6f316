"""Agents' registrations as text, so that they outlive the process that took them: after a crash phones are rung again
at once, not when their time comes to register anew. Pure: text and time in, text out.

One phone is one line of JSON. Passwords are not kept; a mark of two octets tells whether the agent's is still the one
that was proved, and is too short to find one by.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from typing import Final

from core.errors import ParseError
from telephony.registrar import Binding, Registrar
from telephony.sip.address import parse_address
from telephony.sip.hop import DEFAULT_PORTS, Hop
from telephony.sip.outbound import Flow
from telephony.sip.uri import SipUri, parse_sip_uri

MAX_LINE: Final = 16_384
"""Characters of one phone: Contact, Path and the rest are bounded where they are taken, far below this."""
_MARK_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class KeptPhone:
    """One line: ``mark`` is of the password that the phone has proved."""

    agent: str
    mark: str
    binding: Binding


class KeptPhones:
    """What is known of the registrar's phones, as text. ``passwords`` is what the registrar looks into."""

    def __init__(self, registrar: Registrar, passwords: Mapping[str, str]) -> None:
        self._registrar = registrar
        self._passwords = passwords
        self._lines: dict[str, tuple[str, ...]] = {}
        self._changed = dict.fromkeys(passwords)

    def changed(self, agent: str) -> None:
        """The agent's phones are others, or have refreshed."""
        self._changed[agent] = None

    def text(self, now: float) -> str | None:
        """All phones that there are; None where nothing has changed since it was asked for last."""
        if not self._changed:
            return None
        for agent in self._changed:
            password = self._passwords.get(agent)
            bindings = self._registrar.bindings(agent, now) if password is not None else []
            mark = mark_of(agent, password or "")
            self._lines[agent] = tuple(line_of(KeptPhone(agent, mark, binding)) for binding in bindings)
        self._changed.clear()
        return "".join(line for lines in self._lines.values() for line in lines)

    def restore(self, text: str, now: float) -> int:
        """Take up the phones of ``text``, whose agents are there and have their passwords still; how many lines could
        not be read.
        """
        phones: dict[str, list[Binding]] = {}
        broken = 0
        for line in text.splitlines():
            try:
                kept = phone_of(line)
            except ParseError:
                broken += 1
                continue
            password = self._passwords.get(kept.agent)
            if password is not None and kept.mark == mark_of(kept.agent, password):
                phones.setdefault(kept.agent, []).append(kept.binding)
        for agent, bindings in phones.items():
            self._registrar.restore(agent, bindings, now)
        return broken


def mark_of(agent: str, password: str) -> str:
    """What tells a password from the one before it; of 65,536 wrong ones one passes for the right one."""
    return sha256(f"{agent}:{password}".encode("utf-8", "surrogateescape")).hexdigest()[:_MARK_DIGITS]


def line_of(kept: KeptPhone) -> str:
    """One phone as a line."""
    item, hop = kept.binding, kept.binding.hop
    flow = None if item.flow is None else [item.flow.instance, item.flow.reg_id]
    fields = {
        "agent": kept.agent,
        "mark": kept.mark,
        "contact": str(item.uri),
        "hop": [hop.transport, hop.host, hop.port],
        "call_id": item.call_id,
        "cseq": item.cseq,
        "refreshed_at": item.refreshed_at,
        "expires_at": item.expires_at,
        "flow": flow,
        "user_agent": item.user_agent,
        "path": [str(proxy) for proxy in item.path],
        "domain": item.domain,
    }
    return json.dumps(fields, separators=(",", ":")) + "\n"


def phone_of(line: str) -> KeptPhone:
    """The phone of a line; ``ParseError`` where it is none: the file may have been cut or written to."""
    if len(line) > MAX_LINE:
        raise ParseError("overlong line of a kept phone")
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"no line of a kept phone: {error}") from None
    if not isinstance(fields, dict):
        raise ParseError("no line of a kept phone")
    transport, host, port = _three(fields)
    binding = Binding(
        uri=parse_sip_uri(_text(fields, "contact")),
        hop=Hop(transport, host, port),
        call_id=_text(fields, "call_id"),
        cseq=_whole(fields.get("cseq")),
        refreshed_at=_time(fields, "refreshed_at"),
        expires_at=_time(fields, "expires_at"),
        flow=_flow(fields.get("flow")),
        user_agent=_text(fields, "user_agent"),
        path=tuple(parse_address(proxy) for proxy in _texts(fields, "path")),
        domain=_text(fields, "domain"),
    )
    if not all(isinstance(proxy.uri, SipUri) for proxy in binding.path):
        raise ParseError("a proxy is no SIP address")
    return KeptPhone(_text(fields, "agent"), _text(fields, "mark"), binding)


def _three(fields: Mapping[str, object]) -> tuple[str, str, int]:
    hop = fields.get("hop")
    if not isinstance(hop, list) or len(hop) != 3:
        raise ParseError("no hop")
    transport, host, port = hop
    if not isinstance(transport, str) or transport not in DEFAULT_PORTS or not isinstance(host, str):
        raise ParseError("no hop")
    try:
        ip_address(host)
    except ValueError:
        raise ParseError("a hop that is no address") from None
    if not 0 < _whole(port) < 65536:
        raise ParseError("no port")
    return transport, host, port


def _flow(value: object) -> Flow | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str):
        raise ParseError("no flow")
    return Flow(value[0], _whole(value[1]))


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ParseError("no whole number")
    return value


def _time(fields: Mapping[str, object], name: str) -> float:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise ParseError(f"{name} is no time")
    return float(value)


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise ParseError(f"{name} is no text")
    return value


def _texts(fields: Mapping[str, object], name: str) -> Iterator[str]:
    values = fields.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ParseError(f"{name} is no list of texts")
    return iter(values)
