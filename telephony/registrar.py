"""The registrar of agents' phones (RFC 3261 §10.3): who may register, and where each agent's phones can be reached.

Pure: requests and time in, replies out. An address of record is an agent's id in our realm. ``kept_phones`` carries
bindings over a restart of ours. Deviation from §10.3 step 7: the Call-ID and CSeq of a binding are compared only for
the same contact, as the RFC says, but a restart of the phone (new Call-ID) always wins.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from core.errors import ParseError
from telephony.sip.digest_server import DigestServer, Verdict
from telephony.sip.grammar import BeyondBound
from telephony.sip.hop import UDP, Hop
from telephony.sip.message import Request
from telephony.sip.outbound import Flow, after_loss, answer_headers, flow_of
from telephony.sip.path import PATH_UNSUPPORTED, Path, hop_after_loss, lists_path, path_header, path_of
from telephony.sip.strangers import source_of
from telephony.sip.uri import SipUri

DEFAULT_EXPIRES_S: Final = 300
_NAME_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """``phones`` of one agent (each flow of RFC 5626 counts), of which one more pushes out the one refreshed longest
    ago; registrations hold from ``min_expires_s`` to ``max_expires_s``.
    """

    phones: int = 4
    min_expires_s: int = 30
    max_expires_s: int = 300


@dataclass(frozen=True, slots=True)
class Binding:
    """One phone: ``uri`` is its contact, ``hop`` where its requests come from (NAT), ``flow`` what it calls that way
    (RFC 5626; None: it does not say); good until ``expires_at``. ``user_agent`` is what it calls itself, ``path`` the
    proxies by which it is reached, from ``hop`` on (RFC 3327), ``domain`` the host of its address of record.
    """

    uri: SipUri
    hop: Hop
    call_id: str
    cseq: int
    refreshed_at: float
    expires_at: float
    flow: Flow | None = None
    user_agent: str = ""
    path: Path = ()
    domain: str = ""

    @property
    def key(self) -> str:
        """What tells it from the agent's other bindings: its flow, else its contact."""
        return _key(self.uri, self.flow)

    @property
    def phone(self) -> str:
        """What tells one phone from another, however many flows it has."""
        return self.flow.instance if self.flow is not None else str(self.uri)


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer to a REGISTER."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    """The reason phrase, "" for the usual one."""


_DEFAULTS: Final = Limits()


class Registrar:
    """``passwords`` maps agents' ids to passwords."""

    def __init__(self, digest: DigestServer, passwords: Mapping[str, str], limits: Limits = _DEFAULTS) -> None:
        self._digest = digest
        self._passwords = passwords
        self.limits = limits
        self.on_change: Callable[[str], None] = lambda agent: None
        """Called with the agent after every change of his phones by a REGISTER (not when one runs out)."""
        self.on_verdict: Callable[[Verdict, str, Hop, float], None] = lambda verdict, user, source, now: None
        """Called with what came of each REGISTER's proof, and who claimed it."""
        self.path_unasked: Callable[[str], bool] = lambda agent: False
        """Whether a Path is taken from the agent's phones though they do not list it as supported."""
        self._bindings: dict[str, dict[str, Binding]] = {}
        self._hosts: dict[str, dict[tuple[str, str], float]] = {}

    def contacts(self, agent: str, now: float) -> list[Binding]:
        """The agent's phones, the one refreshed last first; of a phone with several flows only that (RFC 5626 §5.3)."""
        phones: dict[str, Binding] = {}
        for binding in sorted(self.bindings(agent, now), key=lambda binding: binding.refreshed_at, reverse=True):
            phones.setdefault(binding.phone, binding)
        return list(phones.values())

    def bindings(self, agent: str, now: float) -> list[Binding]:
        """All that hold now, every flow of every phone of the agent."""
        return [binding for binding in self._bindings.get(agent, {}).values() if binding.expires_at > now]

    def restore(self, agent: str, bindings: Iterable[Binding], now: float) -> None:
        """Take up what an earlier run of ours had granted and what holds still. Its connections are gone, and with them
        who can only be reached by one. What has been registered since goes before.
        """
        taken: dict[str, Binding] = {}
        for binding in bindings:
            hop = binding.hop if binding.hop.transport == UDP else _after_loss(binding, by_us=True)
            expires_at = min(binding.expires_at, now + self.limits.max_expires_s)
            if hop is not None and expires_at > now:
                taken[binding.key] = replace(binding, hop=hop, expires_at=expires_at)
        taken |= self._bindings.get(agent, {})
        for stale in self._too_many(taken):
            del taken[stale]
        self._put(agent, taken)
        self.on_change(agent)

    def knows(self, host: str, now: float) -> bool:
        """Whether a phone that is registered now sends from ``host``."""
        return any(expires_at > now for expires_at in self._hosts.get(host, {}).values())

    def forget(self, agent: str, now: float) -> None:
        """Drop the agent's phones: he is gone, or his password is another."""
        if agent in self._bindings:
            self._put(agent, {})
            self.on_change(agent)

    def keep_only(self, allowed: Callable[[str, str], bool]) -> None:
        """Drop the phones whose agent may not be (``allowed``) at the host that they registered from."""
        for agent, bindings in tuple(self._bindings.items()):
            left = {key: binding for key, binding in bindings.items() if allowed(agent, binding.hop.host)}
            if len(left) < len(bindings):
                self._put(agent, left)
                self.on_change(agent)

    def flow_lost(self, hop: Hop, now: float) -> None:
        """A connection is gone: who can only be reached by it is not registered any more (RFC 5626 §5.3)."""
        for agent in list(dict.fromkeys(agent for agent, _ in self._hosts.get(hop.host, {}))):
            left: dict[str, Binding] = {}
            for key, binding in self._bindings[agent].items():
                instead = _after_loss(binding) if binding.hop == hop else binding.hop
                if instead is not None:
                    left[key] = replace(binding, hop=instead)
            if left != self._bindings[agent]:
                self._put(agent, left)
                self.on_change(agent)

    def handle(self, request: Request, source: Hop, now: float) -> Reply:
        """Answer a REGISTER. A wrong user and a wrong password get the same challenge."""
        claims = request.headers.get_all("Authorization")
        origin = source_of(source.host)
        verdict = self._digest.verify(claims, request.method, request.uri, self._passwords.get, now, origin)
        self.on_verdict(verdict, self._digest.user_of(claims), source, now)
        if verdict is not Verdict.OK:
            values = self._digest.challenges(now, origin, stale=verdict is Verdict.STALE)
            return Reply(401, tuple(("WWW-Authenticate", value) for value in values))
        try:
            agent = request.to.uri.user
            if agent != self._digest.user_of(claims):
                return Reply(403)  # §10.3 step 4: nobody registers for another
            return self._bind(agent, request, source, now)
        except BeyondBound as error:
            return Reply(400, reason=error.reason)
        except ParseError:
            return Reply(400)

    def _bind(self, agent: str, request: Request, source: Hop, now: float) -> Reply:
        bindings = {key: item for key, item in self._bindings.get(agent, {}).items() if item.expires_at > now}
        any_flow = False
        if request.is_contact_wildcard:
            if request.expires != 0 or len(request.headers.get_all("Contact")) > 1:
                return Reply(400, reason="Contact * Needs Expires 0 And No Other Contact")  # §10.3 step 6
            if any(self._is_late(binding, request) for binding in bindings.values()):
                return Reply(500)
            bindings.clear()
        if len(request.contacts) > self.limits.phones:
            return Reply(403, reason=f"More Than {self.limits.phones} Contacts")
        path, record = path_of(request), request.to.uri
        domain = record.host.strip("[]").rstrip(".") if isinstance(record, SipUri) else ""
        if path and not lists_path(request) and not self.path_unasked(agent):
            return Reply(420, (PATH_UNSUPPORTED,))  # RFC 3327 §5.3: the policy that it recommends
        for contact in request.contacts:
            if not isinstance(contact.uri, SipUri):
                return Reply(400)
            expires_s = self._expires(contact.params.get("expires"), request.expires)
            if 0 < expires_s < self.limits.min_expires_s:
                return Reply(423, (("Min-Expires", str(self.limits.min_expires_s)),))
            flow = flow_of(request, contact)
            any_flow = any_flow or flow is not None
            key, cseq = _key(contact.uri, flow), request.cseq.number
            known = bindings.get(key)
            if known is not None and self._is_late(known, request):
                return Reply(500)
            if expires_s == 0:
                bindings.pop(key, None)
                continue
            bindings[key] = Binding(
                contact.uri, source, request.call_id, cseq, now, now + expires_s, flow, _user_agent(request), path,
                domain,
            )  # fmt: skip
        for stale in self._too_many(bindings):
            del bindings[stale]
        self._put(agent, bindings)
        self.on_change(agent)
        listed = tuple(
            ("Contact", f"<{item.uri}>;expires={max(0, round(item.expires_at - now))}{item.flow or ''}")
            for item in bindings.values()
        )
        return Reply(200, (*listed, *path_header(path), *answer_headers(any_flow=any_flow)))

    @staticmethod
    def _is_late(known: Binding, request: Request) -> bool:
        """Whether it was sent before the request that made the binding (§10.3 steps 6 and 7)."""
        return known.call_id == request.call_id and request.cseq.number <= known.cseq

    def _put(self, agent: str, bindings: dict[str, Binding]) -> None:
        """These are the agent's phones now; and until when each address has a phone of ours."""
        for key, gone in self._bindings.pop(agent, {}).items():
            beside = self._hosts[gone.hop.host]
            del beside[agent, key]
            if not beside:
                del self._hosts[gone.hop.host]
        for key, binding in bindings.items():
            self._hosts.setdefault(binding.hop.host, {})[agent, key] = binding.expires_at
        if bindings:
            self._bindings[agent] = bindings

    def _too_many(self, bindings: Mapping[str, Binding]) -> list[str]:
        """Those that are pushed out: the ones refreshed longest ago."""
        return sorted(bindings, key=lambda key: bindings[key].refreshed_at)[: -self.limits.phones]

    def _expires(self, of_contact: str | None, of_request: int | None) -> int:
        """§10.2.1.1: the contact's own parameter, else the Expires header, else our default."""
        if of_contact is not None and of_contact.isascii() and of_contact.isdigit() and len(of_contact) < 10:
            wanted = int(of_contact)
        else:
            wanted = max(DEFAULT_EXPIRES_S, self.limits.min_expires_s) if of_request is None else of_request
        return min(wanted, self.limits.max_expires_s)


def _key(contact: SipUri, flow: Flow | None) -> str:
    return flow.key if flow is not None else str(contact)


def _after_loss(binding: Binding, *, by_us: bool = False) -> Hop | None:
    """Where a phone is reached whose connection, or that of the proxy before it, is gone; None where it is not."""
    if binding.path:
        return hop_after_loss(binding.path, binding.hop)
    return after_loss(binding.uri, binding.hop, binding.flow, by_us=by_us)


def _user_agent(request: Request) -> str:
    """What the phone calls itself, for people to read."""
    text = request.headers.get("User-Agent") or ""
    return "".join(letter for letter in text[:_NAME_LENGTH] if letter.isprintable())
