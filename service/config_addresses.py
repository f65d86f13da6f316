"""Addresses and networks of the configuration: too wide to keep anybody out, of two families, not to be reached from
where they are needed, or in each other's way.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, TypeAlias

from service.addresses import is_ours
from service.config_links import Places, meet
from service.config_model import Config, SipSettings
from telephony.phones import fixed_hop
from telephony.sip.hop import Hop
from telephony.sip.uri import parse_sip_uri

Address: TypeAlias = IPv4Address | IPv6Address

NARROWEST_WIDE: Final = {4: 8, 6: 16}
"""A network that fixes fewer leading bits than this belongs to no one house or carrier."""


def check_addresses(config: Config, at: Places) -> None:
    """Note what of the addresses cannot work, and warn of what is likely not meant."""
    _wide(config, at)
    _families(config, at)
    _out_of_reach(config, at)
    _in_the_way(config, at)
    _to_ourselves(config, at)


def how_wide(text: str) -> str:
    """How much of the world a network holds, for people; "" for one that is somebody's."""
    network = ip_network(text, strict=False)
    if network.prefixlen >= NARROWEST_WIDE[network.version] or network.is_private:
        return ""
    world = f"all of IPv{network.version}"
    return world if not network.prefixlen else f"1/{2**network.prefixlen} of {world}"


def _wide(config: Config, at: Places) -> None:
    for path, networks, words in _networks(config):
        for place, network in enumerate(networks):
            if much := how_wide(network):
                at.warn((*path, place), f"{network} is {much}{words}")


def _networks(config: Config) -> Iterator[tuple[tuple[str | int, ...], Sequence[str], str]]:
    """Where networks are written, which they are, and what comes of one that is too wide."""
    for index, trunk in enumerate(config.trunks):
        yield (
            ("trunk", index, "sources"),
            trunk.sources,
            f": whoever calls from there is taken for {trunk.name} and asked for no password; write the carrier's own "
            "addresses and networks, such as 203.0.113.0/28",
        )
    yield (
        ("security", "phone_networks"),
        config.security.phone_networks,
        ", so it keeps nobody out; write the networks of your phones, such as 192.168.0.0/16, or leave phone_networks "
        "out",
    )
    yield (
        ("security", "blocked"),
        config.security.blocked,
        ": nothing of carriers and phones there would be read; write the addresses of those who are to be kept out",
    )
    for index, agent in enumerate(config.agents):
        yield (
            ("agent", index, "networks"),
            agent.networks,
            f": the phone of {agent.id} may be there, whatever [security] phone_networks says; write where it is, or "
            "leave networks out",
        )


def _families(config: Config, at: Places) -> None:
    """One line speaks one family: IPv4 or IPv6."""
    sip, media = ip_address(config.sip.host), ip_address(config.media.host)
    if sip.version != media.version:
        at.fault(
            ("media", "host") if config.sip.host == SipSettings().host else ("sip", "host"),
            f"sip.host {sip} is of IPv{sip.version} and media.host {media} of IPv{media.version}: nobody could hear "
            'anybody; make both of one family, such as "0.0.0.0" (IPv4) or "::" (IPv6)',
        )
    for table, host, told in (
        ("sip", sip, _address(config.sip.advertised)),
        ("media", media, _address(config.media.advertised)),
    ):
        if told is not None and told.version != host.version:
            at.fault(
                (table, "advertised"),
                f"{told} is of IPv{told.version}, but {table}.host {host} of IPv{host.version}; both must be of one "
                "family",
            )
    for index, trunk in enumerate(config.trunks):
        far = _address(trunk.reached)
        if far is not None and far.version != sip.version:
            at.warn(
                ("trunk", index, "proxy" if trunk.proxy else "host"),
                f"{far} is of IPv{far.version}, but sip.host {sip} of IPv{sip.version}: no call can go there; write "
                f"the carrier's address of IPv{sip.version}, or let sip.host and media.host be of IPv{far.version}",
            )
    for index, agent in enumerate(config.agents):
        far = _phone_address(agent.address)
        if far is not None and far.version != sip.version:
            at.warn(
                ("agent", index, "address"),
                f"{far} is of IPv{far.version}, but sip.host {sip} of IPv{sip.version}: the phone can never ring",
            )
        elif agent.address and _listened(config, transport := _phone_hop(agent.address).transport.lower()) < 0:
            at.warn(
                ("agent", index, "address"),
                f"is reached by {transport}, but sip.{transport}_port is off: the phone can never ring",
            )


def _out_of_reach(config: Config, at: Places) -> None:
    """Addresses that those who need them cannot reach."""
    sip, media = ip_address(config.sip.host), ip_address(config.media.host)
    if sip.is_loopback:
        away = next((one for one in config.trunks if (far := _address(one.reached)) and not far.is_loopback), None)
        if away is not None:
            at.warn(
                ("sip", "host"),
                f"{sip} is heard on this machine only, and trunk {away.name} is at {away.reached}; write 0.0.0.0, or "
                "the address that leads there",
            )
    elif media.is_loopback:
        at.warn(
            ("media", "host"),
            f"{media} is reached from this machine only, but sip.host {sip} from others: they would hear nothing; "
            f"write {sip}",
        )
    for table, host in (("sip", sip), ("media", media)):
        told = _address(getattr(config, table).advertised)
        if told is not None and told.is_loopback and not host.is_loopback:
            at.warn((table, "advertised"), f"{told} means to everybody his own machine; write the one they reach")
    for given, other, host in (("sip", "media", media), ("media", "sip", sip)):
        if getattr(config, given).advertised and not getattr(config, other).advertised and host.is_unspecified:
            at.warn(
                (given, "advertised"),
                f"is written, but {other}.advertised is not: behind a NAT both must be, or one of calls and voice "
                "does not come through",
            )


def _in_the_way(config: Config, at: Places) -> None:
    """Phones where a carrier calls from, whose calls are then taken for the carrier's; phones that are shut out.
    Networks that hold half the world have been warned of, and are in everybody's way.
    """
    blocked = [ip_network(text, strict=False) for text in config.security.blocked]
    carriers = [
        (trunk, ip_network(text, strict=False))
        for trunk in config.trunks
        for text in trunk.sources
        if not how_wide(text)
    ]
    for index, agent in enumerate(config.agents):
        far = _phone_address(agent.address)
        if far is None:
            continue
        if any(far in network for network in blocked):
            at.warn(("agent", index, "address"), f"{far} is in [security] blocked: the phone can call nobody")
        whose = next((trunk.name for trunk, network in carriers if far in network), "")
        if whose:
            at.warn(
                ("agent", index, "address"),
                f"{far} is in sources of trunk {whose}: what this phone dials counts as that carrier's call; name "
                "the carrier's addresses more exactly",
            )
    for place, phones in enumerate(config.security.phone_networks):
        shared = [
            (trunk, network) for trunk, network in carriers if network.num_addresses > 1 and meet(phones, str(network))
        ]
        if shared and not how_wide(phones):
            trunk, network = shared[0]
            at.warn(
                ("security", "phone_networks", place),
                f"{phones} meets {network} of trunk {trunk.name}: what phones there dial counts as that carrier's "
                "calls; name the carrier's addresses more exactly",
            )


def _to_ourselves(config: Config, at: Places) -> None:
    """Carriers and fixed phones that are this line: what is sent there comes back as a stranger's call."""
    here = ip_address(config.sip.host)
    for index, trunk in enumerate(config.trunks):
        port = trunk.port or (5061 if trunk.transport == "tls" else 5060)
        far = _address(trunk.reached)
        if far is not None and _is_here(far, here) and port == _listened(config, trunk.transport):
            at.warn(
                ("trunk", index, "proxy" if trunk.proxy else "host"),
                f"{far}, port {port}, is this line itself; write where the carrier is",
            )
    for index, agent in enumerate(config.agents):
        far = _phone_address(agent.address)
        if far is None or not _is_here(far, here):
            continue
        hop = _phone_hop(agent.address)
        if hop.port == _listened(config, hop.transport.lower()):
            at.warn(("agent", index, "address"), f"{agent.address} is this line itself; write where the phone is")


def _is_here(far: Address, here: Address) -> bool:
    return far == here or (here.is_unspecified and far.version == here.version and is_ours(str(far)))


def _listened(config: Config, transport: str) -> int:
    """The port on which SIP by ``transport`` is heard; the DNS would say UDP first."""
    return int(getattr(config.sip, f"{transport}_port", config.sip.udp_port))


def _address(text: str) -> Address | None:
    """The address that ``text`` is; None for a name or nothing."""
    try:
        return ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def _phone_address(uri: str) -> Address | None:
    """The address in the URI of a fixed phone."""
    return _address(_phone_hop(uri).host) if uri else None


def _phone_hop(uri: str) -> Hop:
    return fixed_hop(parse_sip_uri(uri))
