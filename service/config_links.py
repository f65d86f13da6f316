"""What the parts of a configuration say about each other: names that must exist, things that stand twice, oddities."""

import difflib
import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from core.toml_lines import KeyPath
from service.config_model import Config
from service.routes import RouteKind, parse_destination

ALL_AGENTS: Final = "*"


class Places(Protocol):
    """Takes faults and warnings with their place (``ConfigReader``)."""

    def fault(self, path: KeyPath, text: str) -> None:
        """Note what is wrong at ``path``."""
        ...

    def warn(self, path: KeyPath, text: str) -> None:
        """Note what works at ``path`` but deserves a second look."""
        ...


def check_links(config: Config, flows: Iterable[str], at: Places) -> None:
    """Note every name that leads nowhere and everything that stands twice. ``flows`` are the flows that exist."""
    queues = [queue.name for queue in config.queues]
    agents = [agent.id for agent in config.agents]
    trunks = [trunk.name for trunk in config.trunks]
    groups = [group.name for group in config.trunk_groups]
    known = destinations(config, flows)
    for table, names in (
        ("trunk", trunks),
        ("trunk_group", groups),
        ("agent", agents),
        ("queue", queues),
        ("hours", [item.name for item in config.hours]),
        ("flow", [item.name for item in config.flows]),
        ("survey", [item.name for item in config.surveys]),
        ("number", [item.number for item in config.numbers]),
        ("campaign", [item.name for item in config.campaigns]),
        ("probe", [item.name for item in config.probes]),
    ):
        _no_twins(table, names, at)
    for index, agent in enumerate(config.agents):
        if bool(agent.password) == bool(agent.address):
            at.fault(
                ("agent", index),
                f"agent {agent.id} needs either password (his phone registers) or address (a fixed phone), not both",
            )
        for name in agent.queues:
            must_exist(name, queues, "queue", ("agent", index, "queues"), at)
    for index, queue in enumerate(config.queues):
        for name in queue.agents:
            if name != ALL_AGENTS:
                must_exist(name, agents, "agent", ("queue", index, "agents"), at)
        if queue.rating:
            must_exist(queue.rating, known[RouteKind.FLOW], "flow", ("queue", index, "rating"), at)
    for index, number in enumerate(config.numbers):
        _check_destination(number.to, known, ("number", index, "to"), at)
    for index, trunk in enumerate(config.trunks):
        if trunk.register and not (trunk.user and trunk.password):
            at.fault(("trunk", index, "register"), "registering needs user and password; the carrier gives both")
        if trunk.from_account and not trunk.user:
            at.fault(("trunk", index, "from_account"), "shows the account in From, so it needs user")
        if not trunk.codecs:
            at.fault(("trunk", index, "codecs"), 'is empty; write ["PCMA", "PCMU"] or leave it out')
        theirs = (*trunk.sources, trunk.reached)
        if any(meet(network, source) for network in config.security.blocked for source in theirs):
            at.fault(("security", "blocked"), f"holds an address of trunk {trunk.name!r}, which could not call then")
    if config.sip.min_expires_s > config.sip.max_expires_s:
        at.fault(("sip", "min_expires_s"), f"must not be more than max_expires_s, which is {config.sip.max_expires_s}")
    if not config.sip.phone_codecs:
        at.fault(("sip", "phone_codecs"), 'is empty; write ["PCMA", "PCMU"] or leave it out')
    for index, group in enumerate(config.trunk_groups):
        for name in group.trunks:
            must_exist(name, trunks, "trunk", ("trunk_group", index, "trunks"), at)
        if not group.trunks or len(set(group.trunks)) != len(group.trunks):
            at.fault(("trunk_group", index, "trunks"), "must name one trunk at least, and each only once")
        if group.weights and len(group.weights) != len(group.trunks):
            at.fault(("trunk_group", index, "weights"), "must have as many numbers as there are trunks, or be left out")
        if group.name in trunks:
            at.fault(("trunk_group", index, "name"), f"{group.name!r} is the name of a trunk already; take another")
    if config.transfer.trunk:
        must_exist(config.transfer.trunk, [*trunks, *groups], "trunk", ("transfer", "trunk"), at)
    if config.dialling.trunk:
        must_exist(config.dialling.trunk, [*trunks, *groups], "trunk", ("dialling", "trunk"), at)
    for index, campaign in enumerate(config.campaigns):
        must_exist(campaign.trunk, [*trunks, *groups], "trunk", ("campaign", index, "trunk"), at)
    hours = ["main", *(item.name for item in config.hours)]
    for index, probe in enumerate(config.probes):
        must_exist(probe.trunk, [*trunks, *groups], "trunk", ("probe", index, "trunk"), at)
        if probe.hours:
            must_exist(probe.hours, hours, "hours", ("probe", index, "hours"), at)


def destinations(config: Config, flows: Iterable[str]) -> dict[RouteKind, list[str]]:
    """What calls can be led to by name; voice-mail boxes are made as they are named."""
    queues, agents = [queue.name for queue in config.queues], [agent.id for agent in config.agents]
    return {RouteKind.FLOW: [*flows], RouteKind.QUEUE: queues, RouteKind.AGENT: agents}


def warnings_of(config: Config) -> list[str]:
    """What works but deserves a second look."""
    warnings = []
    if not ipaddress.ip_address(config.http.host).is_loopback:
        warnings.append(
            f"http.host {config.http.host}: the console is open to the network without encryption; "
            "put a TLS proxy in front of it, or listen on 127.0.0.1"
        )
    for trunk in config.trunks:
        if trunk.encryption != "off" and trunk.transport != "tls":
            how = "what the DNS says" if trunk.transport == "auto" else trunk.transport
            warnings.append(
                f"trunk {trunk.name}: its audio is encrypted, but the keys travel over {how}, where anyone "
                'on the way can read them; use transport = "tls"'
            )
    if config.sip.phone_encryption != "off" and config.sip.tls_port < 0:
        warnings.append(
            "sip.phone_encryption: phones send the keys over UDP or TCP, where anyone on the way can read them; "
            "set tls_port and let the phones use it"
        )
    if config.sip.ws_port >= 0 and not ipaddress.ip_address(config.sip.host).is_loopback:
        warnings.append(
            "sip.ws_port: SIP over WebSocket goes unencrypted, and browsers use it only from pages without TLS; "
            "use wss_port"
        )
    if not config.agents:
        return [*warnings, "there is no [[agent]], so nobody can take calls; add one with id and password"]
    members = {name for queue in config.queues for name in queue.agents}
    members.update(agent.id for agent in config.agents if agent.queues)
    served = {queue.name for queue in config.queues if queue.agents}
    served.update(name for agent in config.agents for name in agent.queues)
    for queue in config.queues:
        if queue.name not in served:
            warnings.append(f"queue {queue.name}: has no agents; its callers wait until max_wait_s and overflow")
    if ALL_AGENTS not in members:
        for agent in config.agents:
            if agent.id not in members:
                warnings.append(f"agent {agent.id}: is in no queue and gets only direct calls")
    return warnings


def _check_destination(text: str, known: Mapping[RouteKind, list[str]], path: KeyPath, at: Places) -> None:
    destination = parse_destination(text)
    names = known.get(destination.kind)
    if names is not None:
        must_exist(destination.name, names, destination.kind.value, path, at)


def must_exist(name: str, names: Sequence[str], kind: str, path: KeyPath, at: Places) -> None:
    """Note a name that is none of ``names``, with what may have been meant."""
    if name in names:
        return
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names) or 'none'}"
    at.fault(path, f"there is no {kind} {name!r}; {hint}")


def meet(one: str, other: str) -> bool:
    """Whether two networks share an address; a name has none."""
    try:
        first, second = ipaddress.ip_network(one, strict=False), ipaddress.ip_network(other, strict=False)
    except ValueError:
        return False
    return first.version == second.version and first[0] <= second[-1] and second[0] <= first[-1]  # type: ignore[operator]


def _no_twins(table: str, names: list[str], at: Places) -> None:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            at.fault((table, index), f"there are two [[{table}]] {name!r}; rename or drop one")
        seen.add(name)
