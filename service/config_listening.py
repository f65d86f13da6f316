"""Where SIP, voice and the console listen: two things at one port, ports that are off, keys that do nothing without."""

from ipaddress import ip_address
from typing import Final

from core.toml_lines import KeyPath
from service.config_links import Places
from service.config_model import Config, HttpSettings

_STREAMS: Final = ("tcp_port", "tls_port", "ws_port", "wss_port")


def check_listening(config: Config, at: Places) -> None:
    """Note ports that cannot be had together, and warn of what will not do what it says."""
    _ports(config, at)
    _without_effect(config, at)
    _twice(config, at)
    if not config.sip.digest:
        at.fault(("sip", "digest"), 'is empty, so no phone could prove itself; write ["MD5"] or leave it out')


def _ports(config: Config, at: Places) -> None:
    sip, http, media = config.sip, config.http, config.media
    taken: dict[int, str] = {}
    for key in _STREAMS:
        port = int(getattr(sip, key))
        if port > 0 and port in taken:
            at.fault(("sip", key), f"is {port}, and so is {taken[port]}; each needs a port of its own")
        taken.setdefault(port, f"sip.{key}")
    if http.port > 0 and http.port in taken and _at_one_place(http.host, sip.host):
        at.fault(
            ("http", "port") if http.port != HttpSettings().port else ("sip", taken[http.port].removeprefix("sip.")),
            f"http.port is {http.port}, and so is {taken[http.port]}; each needs a port of its own",
        )
    if sip.udp_port < 0 and all(int(getattr(sip, key)) < 0 for key in _STREAMS):
        at.fault(("sip", "udp_port"), "is off, and so are all other ports of [sip]: nobody could call; open one")
    if media.port_min <= sip.udp_port <= media.port_max and _at_one_place(sip.host, media.host):
        at.warn(
            ("sip", "udp_port"),
            f"{sip.udp_port} is among the ports of voice ({media.port_min} to {media.port_max}); take one outside",
        )


def _without_effect(config: Config, at: Places) -> None:
    sip = config.sip
    if sip.tls_certificate is None:
        for key in ("tls_key", "tls_more", "tls_authorities", "tls_verify_clients"):
            if getattr(sip, key):
                at.warn(("sip", key), "does nothing without tls_certificate")
    elif sip.tls_verify_clients and sip.tls_port < 0:
        at.warn(("sip", "tls_verify_clients"), "does nothing while tls_port is off; set tls_port = 5061")
    if sip.ws_origins and sip.ws_port < 0 and sip.wss_port < 0:
        at.warn(("sip", "ws_origins"), "does nothing while wss_port and ws_port are off; set wss_port = 5443")


def _twice(config: Config, at: Places) -> None:
    """What is offered is offered once; far ends need not understand more."""
    lists: list[tuple[KeyPath, tuple[str, ...]]] = [
        (("sip", "phone_codecs"), config.sip.phone_codecs),
        (("sip", "digest"), config.sip.digest),
        *((("trunk", index, "codecs"), trunk.codecs) for index, trunk in enumerate(config.trunks)),
        *((("agent", index, "codecs"), agent.codecs) for index, agent in enumerate(config.agents)),
    ]
    for path, words in lists:
        again = next((word for place, word in enumerate(words) if word in words[:place]), "")
        if again:
            at.warn(path, f"names {again} twice; name it once")


def _at_one_place(one: str, other: str) -> bool:
    """Whether two sockets on these hosts would want the same address."""
    first, second = ip_address(one), ip_address(other)
    return first.version == second.version and (first == second or first.is_unspecified or second.is_unspecified)
