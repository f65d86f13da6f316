"""Carriers in the configuration: trunks, groups of them, and what names and addresses of carriers may be."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from service.config_reader import Check

_HOST_NAME: Final = re.compile(r"(?!.{254})[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
_USER: Final = re.compile(r"[A-Za-z0-9+._*#~!$&=/-]{1,64}|")
_AUTH_USER: Final = re.compile(r'[^\s"\\<>;,\x00-\x1f\x7f]{1,128}|')


@dataclass(frozen=True, slots=True)
class TrunkConfig:
    """[[trunk]] a carrier: known by the addresses it calls from, registered to, or both. Our account there is
    ``user`` at ``host``, whose requests go to ``proxy`` where one is named; ``auth_user`` proves it ("": ``user``).
    ``dial_format`` is "national" or "e164". ``port`` 0 means what the DNS says (SRV), else 5060, with TLS 5061;
    ``transport`` "auto" asks it for that too.
    """

    name: str
    host: str
    port: int = 0
    transport: str = "udp"
    sources: tuple[str, ...] = ()
    register: bool = False
    user: str = ""
    password: str = ""
    expires_s: int = 600
    caller_id: str = ""
    codecs: tuple[str, ...] = ("PCMA", "PCMU")
    encryption: str = "off"
    max_calls: int = 30
    dial_format: str = "national"
    caller_ids: tuple[str, ...] = ()
    dial_rules: tuple[str, ...] = ()
    arrival_rules: tuple[str, ...] = ()
    calls_per_s: float = 0.0
    options_s: float = 30.0
    outbound: bool = False
    reach_s: float = 5.0
    identity: str = "from"
    from_account: bool = False
    domain: str = ""
    private: bool = False
    trusted: bool = False
    forwarding: str = "off"
    reasons: bool = True
    proxy: str = ""
    auth_user: str = ""
    reserve: int = 2
    """Channels that campaigns leave free for callers and agents."""

    @property
    def reached(self) -> str:
        """Where its requests go, and where its calls come from."""
        return self.proxy or self.host


@dataclass(frozen=True, slots=True)
class TrunkGroupConfig:
    """[[trunk_group]] trunks that stand in for each other, in their order, or by ``weights``."""

    name: str
    trunks: tuple[str, ...]
    weights: tuple[int, ...] = ()


def _host(value: object) -> str | None:
    """A name or an address alone: what looks like one and is none is looked up in the DNS in vain, for ever."""
    host = str(value)
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        address = None
    if address is not None:
        return "is no address of a carrier" if address.is_unspecified or address.is_multicast else None
    if re.fullmatch(r"[0-9.]*", host) or not _HOST_NAME.fullmatch(host):
        return (
            "must be a name such as sip.carrier.example or an address such as 203.0.113.5, without sip: and without "
            "the port, which is a key of its own"
        )
    return None


def _user(value: object) -> str | None:
    if _USER.fullmatch(str(value)):
        return None
    return (
        "must be the user name alone: letters, digits and + . _ - * # ~ ! $ & = /, no spaces, no quotes, no < > ; @ "
        "(of user@domain write the part before the @ here, and the rest as domain; where the carrier wants the whole "
        "for digest, as auth_user too)"
    )


def _auth_user(value: object) -> str | None:
    if _AUTH_USER.fullmatch(str(value)):
        return None
    return "must be a name such as +8640012345@ims.carrier.example, without spaces, quotes and < > ; ,"


CARRIER_CHECKS: Final[Mapping[tuple[str, str], Check]] = {
    ("trunk", "host"): _host,
    ("trunk", "proxy"): lambda value: _host(value) if value else None,
    ("trunk", "user"): _user,
    ("trunk", "auth_user"): _auth_user,
}
