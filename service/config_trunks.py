"""Trunks and accounts: carriers whose calls nothing tells apart, transports that are off, accounts and passwords that
cannot work or protect nobody.
"""

from ipaddress import ip_network
from typing import Final

from service.config_links import Places
from service.config_model import Config
from service.from_config import trunks_of
from telephony.trunk import TrunkSettings
from telephony.trunk_matching import told_apart

SHORTEST_PASSWORD: Final = 8
"""Of a phone: whoever finds it calls at the house's cost."""
FEWEST_CHARACTERS: Final = 4
"""Different ones: fewer are a finger that stays on a key."""
_COUNTED: Final = "01234567890123456789 98765432109876543210"
_SHARED: Final = {
    "password": "who knows the one can call as the other; give each phone its own",
    "address": "one phone rings for both, also while it is in use; give each agent his own",
}
_PORTS: Final = {"udp": "udp_port", "tcp": "tcp_port", "tls": "tls_port"}


def check_trunks(config: Config, at: Places) -> None:
    """Note accounts that are registered twice, and warn of what works otherwise than it says."""
    _at_one_place(trunks_of(config), at)
    for index, trunk in enumerate(config.trunks):
        port = _PORTS.get(trunk.transport, "")
        if port and getattr(config.sip, port) < 0:
            at.warn(
                ("trunk", index, "transport"),
                f"is {trunk.transport}, but sip.{port} is off: no call can go to {trunk.name}; set that port",
            )
        if trunk.user and not trunk.password:
            at.warn(("trunk", index, "user"), "has no password: calls for which the carrier asks one fail; write both")
        if trunk.auth_user and not trunk.password:
            at.warn(("trunk", index, "auth_user"), "does nothing without password; write both")
        if trunk.password and not (trunk.user or trunk.auth_user):
            at.warn(("trunk", index, "password"), "does nothing without user; write both")
        if trunk.outbound and not trunk.register:
            at.warn(("trunk", index, "outbound"), "does nothing without register = true")
        if trunk.from_account and trunk.identity == "from":
            at.warn(
                ("trunk", index, "from_account"),
                'puts the account in place of the number, and identity = "from" shows it nowhere else; write '
                'identity = "asserted" or "preferred"',
            )


def check_phones(config: Config, at: Places) -> None:
    """Warn of passwords that are soon found, of two agents with one phone, and of keys that do nothing."""
    holders: dict[str, str] = {}
    for index, agent in enumerate(config.agents):
        key, secret = ("password", agent.password) if agent.password else ("address", agent.address)
        if (other := holders.setdefault(secret, agent.id)) != agent.id:
            at.warn(("agent", index, key), f"is that of {other} too: {_SHARED[key]}")
        if not agent.password:
            if agent.networks:
                at.warn(("agent", index, "networks"), "does nothing for a phone that does not register")
            continue
        path = ("agent", index, "password")
        if agent.password.casefold() == agent.id.casefold():
            at.warn(path, f"is the name of {agent.id}: it is the first that strangers try")
        elif len(agent.password) < SHORTEST_PASSWORD:
            at.warn(
                path,
                f"has {len(agent.password)} characters; take {SHORTEST_PASSWORD} at least, by chance, and another for "
                "each phone",
            )
        elif len(set(agent.password)) < FEWEST_CHARACTERS or agent.password in _COUNTED:
            at.warn(path, "is among the first that strangers try; take one by chance, and another for each phone")


def _at_one_place(trunks: tuple[TrunkSettings, ...], at: Places) -> None:
    """Trunks whose calls come from the same addresses."""
    places = [_places(trunk) for trunk in trunks]
    for index, trunk in enumerate(trunks):
        for before, shares in zip(trunks[:index], places[:index], strict=True):
            shared = [place for place in places[index] if place in shares]
            if not shared:
                continue
            if _same_account(trunk, before):
                at.fault(
                    ("trunk", index, "user"),
                    f"registers {trunk.user} at {trunk.host} as trunk {before.name} does already: a carrier knows one "
                    "registration of an account from here, so each would end the other's; drop one",
                )
            elif not told_apart(trunk, before):
                key = "sources" if shared[0] != places[index][0] else "proxy" if trunk.proxy else "host"
                at.warn(
                    ("trunk", index, key),
                    f"calls of {trunk.name} and of {before.name} come from {shared[0]}, and nothing tells them apart: "
                    f"those of both count as {before.name}'s, with its channels and rules. Write in caller_id or "
                    "caller_ids of both the numbers that each brings, or give them different ports",
                )
                break


def _same_account(one: TrunkSettings, other: TrunkSettings) -> bool:
    return (
        one.register
        and other.register
        and (_bare(one.host), one.user, one.hop.port, one.hop.transport)
        == (_bare(other.host), other.user, other.hop.port, other.hop.transport)
    )


def _places(trunk: TrunkSettings) -> list[str]:
    """Where its calls come from, in one form: where it is reached first."""
    return [_form(_bare(trunk.reached)), *(_form(source) for source in trunk.sources)]


def _bare(host: str) -> str:
    return host.strip("[]").rstrip(".").casefold()


def _form(text: str) -> str:
    """A network or address as all write it; a name as it is."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return text
    return str(network.network_address) if network.num_addresses == 1 else str(network)
