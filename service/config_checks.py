"""What each single value of the configuration may be. A check gives the complaint and the mend, or None."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from acd.alarms import AlarmKind
from acd.queues import Strategy, There
from acd.urgency import MOST_AHEAD_S, Order
from archive.forms import KEPT_FORMS
from campaigns.probe import check_cron
from core.channels import parse_capacity
from core.errors import ConfigError, ParseError
from core.skill_text import parse_skill
from desk.dispositions import FieldKind
from ivr.hours_text import parse_hours
from service.config_alarms import webhook_url
from service.config_carriers import CARRIER_CHECKS
from service.config_distribution import parse_priority, parse_step, parse_vip
from service.config_reader import Check
from service.logs import LogLevel
from service.routes import parse_destination
from service.ways import parse_key
from service.ways import parse_step as parse_way
from telephony.auto_answer import MAKES
from telephony.media.remote import place_of
from telephony.name_servers import name_server
from telephony.phone_traits import Compat
from telephony.rtp.formats import FORMATS
from telephony.sdp.sdes import Encryption
from telephony.sip.hop import UDP
from telephony.sip.locating import FOUND_BY_DNS
from telephony.sip.uri import parse_sip_uri
from telephony.trunk_identity import Forwarding, Shown
from telephony.trunk_numbers import parse_rule

_NAME: Final = re.compile(r"[\w][\w.-]{0,62}")
_AGENT_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,32}")
_CALLED: Final = re.compile(r"\*|\+?[0-9*#]{1,20}|[A-Za-z0-9._-]{1,32}")
_ORIGIN: Final = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45}|")
_CALLER_ID: Final = re.compile(r"\+?[0-9*#]{1,20}|")
_SHOWN: Final = re.compile(r"\+?[0-9*#]{1,20}")
_REALM: Final = re.compile(r'[^"\\\s][^"\\]{0,99}')


def _text(pattern: re.Pattern[str], complaint: str) -> Check:
    return lambda value: None if pattern.fullmatch(str(value)) else complaint


def _between(low: float, high: float, unit: str = "") -> Check:
    def check(value: object) -> str | None:
        inside = isinstance(value, int | float) and low <= value <= high
        return None if inside else f"must be from {low:g} to {high:g}{unit}"

    return check


def _one_of(*words: str) -> Check:
    return lambda value: None if value in words else f"must be one of {', '.join(words)}"


def _each(check: Check) -> Check:
    def check_all(value: object) -> str | None:
        items = value if isinstance(value, tuple) else ()
        return next((f"{item!r}: {complaint}" for item in items if (complaint := check(item))), None)

    return check_all


def _not_empty(value: object) -> str | None:
    return None if str(value).strip() else "must not be empty"


def _bind_host(value: object) -> str | None:
    try:
        ipaddress.ip_address(str(value))
    except ValueError:
        return "must be an IP address of this machine, such as 0.0.0.0 (all), 127.0.0.1 (only this machine)"
    return None


def _advertised(value: object) -> str | None:
    if not value:
        return None
    try:
        return (
            "cannot be 0.0.0.0; write the address that phones and carriers reach"
            if ipaddress.ip_address(str(value)).is_unspecified
            else None
        )
    except ValueError:
        return "must be an IP address that phones and carriers reach, or left out"


def _place(value: object) -> str | None:
    try:
        _, port = place_of(str(value))
    except ParseError as error:
        return f"{error}; write a media host such as 192.168.1.30:7400"
    return None if port else "must name the port on which the media host listens"


def _network(value: object) -> str | None:
    try:
        ipaddress.ip_network(str(value), strict=False)
    except ValueError:
        return "must be an IP address such as 203.0.113.7 or a network such as 203.0.113.0/24"
    return None


def _zone(value: object) -> str | None:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError):
        return "no such time zone; write a name such as Asia/Shanghai"
    return None


def _sip_address(value: object) -> str | None:
    if not value:
        return None
    try:
        uri = parse_sip_uri(str(value))
    except ParseError as error:
        return f"{error}; write an address such as sip:8001@192.168.1.20:5060"
    known = (uri.transport or UDP) in FOUND_BY_DNS
    return None if known else "transport must be udp, tcp or tls: a phone at a fixed address is reached by nothing else"


def _name_server(value: object) -> str | None:
    try:
        name_server(str(value))
    except ParseError as error:
        return f"{error}; such as 192.168.1.1 or 192.168.1.1:5353"
    return None


def _origin(value: object) -> str | None:
    if _ORIGIN.fullmatch(str(value)):
        return None
    return "must be what browsers send as Origin, such as https://desk.example.com or http://192.168.1.5:8400"


def _number_rule(value: object) -> str | None:
    try:
        parse_rule(str(value))
    except ParseError as error:
        return str(error)
    return None


def _parsed(parse: Callable[[str], object]) -> Check:
    """What ``parse`` takes; its ``ValueError`` is the complaint."""

    def check(value: object) -> str | None:
        try:
            parse(str(value))
        except ValueError as error:
            return str(error)
        return None

    return check


_destination: Final = _parsed(parse_destination)


_way: Final = _parsed(parse_way)


def _overflow(value: object) -> str | None:
    return None if value == "" else _way(value)


def _open_lines(value: object) -> str | None:
    return _hours(parse_hours, value)


def _extra_open(value: object) -> str | None:
    return _hours(lambda lines: parse_hours((), extra_open=lines), value)


def _extra_closed(value: object) -> str | None:
    return _hours(lambda lines: parse_hours((), extra_closed=lines), value)


def _hours(read: Callable[[tuple[str, ...]], object], value: object) -> str | None:
    try:
        read(value if isinstance(value, tuple) else ())
    except ConfigError as error:
        return "; ".join(error.problems)
    return None


_PREFIX: Final = _text(
    re.compile(r"\+[1-9][0-9]{0,14}|00[1-9][0-9]{0,14}|[0-9*#]{1,15}"),
    "must be how numbers begin: +852, 0044, 0898, 168",
)
_DIALLED: Final = _text(re.compile(r"\+?[0-9]{3,20}"), "must be a number of digits, perhaps with + before it")
_PORT: Final = _between(0, 65535)
_NAMED: Final = _text(_NAME, "must be a name of letters, digits, '.', '_' or '-'")
_WAIT: Final = _between(0, 86400, " seconds")

_ENCRYPTION: Final = _one_of(*(choice.value for choice in Encryption))

CHECKS: Final[Mapping[tuple[str, str], Check]] = {
    ("", "zone"): _zone,
    ("", "log_level"): _one_of(*(level.value for level in LogLevel)),
    ("", "drain_s"): _between(0, 86400, " seconds"),
    ("", "loop_watch_ms"): _between(1, 1000, " milliseconds"),
    ("http", "host"): _bind_host,
    ("http", "port"): _PORT,
    ("sip", "host"): _bind_host,
    ("sip", "advertised"): _advertised,
    ("sip", "udp_port"): _between(-1, 65535, " (-1: off, 0: any free port)"),
    ("sip", "tcp_port"): _between(-1, 65535, " (-1: off, 0: any free port)"),
    ("sip", "tls_port"): _between(-1, 65535, " (-1: off, 0: any free port)"),
    ("sip", "ws_port"): _between(-1, 65535, " (-1: off, 0: any free port)"),
    ("sip", "wss_port"): _between(-1, 65535, " (-1: off, 0: any free port)"),
    ("sip", "ws_origins"): _each(_origin),
    ("sip", "connections_per_address"): _between(1, 1000),
    ("sip", "udp_limit"): _between(0, 65000, " octets (0: never by TCP instead)"),
    ("sip", "realm"): _text(_REALM, 'must be a name for people such as "line400", without quotes and backslashes'),
    ("sip", "digest"): _each(_one_of("MD5", "SHA-256")),
    ("sip", "phone_codecs"): _each(_one_of(*FORMATS)),
    ("sip", "phone_encryption"): _ENCRYPTION,
    ("sip", "phone_options_s"): _between(0, 3600, " seconds (0: never)"),
    ("sip", "max_phones"): _between(1, 20),
    ("sip", "min_expires_s"): _between(10, 3600, " seconds"),
    ("sip", "max_expires_s"): _between(60, 86400, " seconds"),
    ("security", "blocked"): _each(_network),
    ("security", "phone_networks"): _each(_network),
    ("security", "requests_per_s"): _between(1, 100_000),
    ("security", "burst"): _between(1, 1_000_000),
    ("security", "free_guesses"): _between(0, 1000),
    ("security", "lockout_max_s"): _between(1, 86400, " seconds"),
    ("security", "nonce_bits"): _between(0, 32, " (32: one address, 24: 256 of them, 0: any)"),
    ("dialling", "allowed"): _each(_PREFIX),
    ("dialling", "refused"): _each(_PREFIX),
    ("dialling", "agent_calls_per_hour"): _between(0, 10_000, " (0: no limit)"),
    ("dialling", "prefix_calls_per_hour"): _between(0, 10_000, " (0: no limit)"),
    ("dialling", "caller_id"): _text(_CALLER_ID, "must be a number of digits, perhaps with + before it"),
    ("dialling", "ring_timeout_s"): _between(5, 180, " seconds"),
    ("media", "host"): _bind_host,
    ("media", "advertised"): _advertised,
    ("sip", "name_servers"): _each(_name_server),
    ("media", "port_min"): _between(1024, 65534),
    ("media", "port_max"): _between(1025, 65535),
    ("media", "workers"): _between(-1, 64, " (0: one per core but one, -1: none on this machine)"),
    ("media", "remote"): _each(_place),
    ("media", "silent_s"): _between(2, 3600, " seconds"),
    ("recording", "keep_as"): _one_of(*KEPT_FORMS),
    ("recording", "keep_days"): _between(0, 36500, " days (0: for ever)"),
    ("asr", "live_workers"): _between(0, 64),
    ("asr", "batch_workers"): _between(0, 64),
    ("asr", "what_answered"): _one_of("all", "early", "off"),
    ("mqtt", "host"): _not_empty,
    ("mqtt", "port"): _between(1, 65535),
    ("mqtt", "prefix"): _text(re.compile(r"[^#+\s/]+(/[^#+\s/]+)*"), "must be a topic without #, + and spaces"),
    ("trunk", "name"): _NAMED,
    **CARRIER_CHECKS,
    ("trunk", "port"): _between(0, 65535, " (0: what the DNS says, else 5060, with TLS 5061)"),
    ("trunk", "transport"): _one_of("udp", "tcp", "tls", "auto"),
    ("trunk", "sources"): _each(_network),
    ("trunk", "expires_s"): _between(60, 86400, " seconds"),
    ("trunk", "caller_id"): _text(_CALLER_ID, "must be a number of digits, perhaps with + before it"),
    ("trunk", "codecs"): _each(_one_of(*FORMATS)),
    ("trunk", "encryption"): _ENCRYPTION,
    ("trunk", "max_calls"): _between(1, 10000),
    ("trunk", "dial_format"): _one_of("national", "e164"),
    ("trunk", "caller_ids"): _each(_text(_SHOWN, "must be a number of digits, perhaps with + before it")),
    ("trunk", "dial_rules"): _each(_number_rule),
    ("trunk", "arrival_rules"): _each(_number_rule),
    ("trunk", "calls_per_s"): _between(0, 1000, " (0: no limit)"),
    ("trunk", "reach_s"): _between(0, 32, " seconds (0: as long as SIP allows)"),
    ("trunk", "identity"): _one_of(*Shown),
    ("trunk", "domain"): _text(_DOMAIN, "must be a domain such as carrier.example or an IP address, without a port"),
    ("trunk", "forwarding"): _one_of(*Forwarding),
    ("trunk", "options_s"): _between(0, 3600, " seconds (0: never)"),
    ("trunk_group", "name"): _NAMED,
    ("trunk_group", "weights"): _each(_between(1, 1000)),
    ("agent", "id"): _text(_AGENT_ID, "must be 1 to 32 of A-Z a-z 0-9 . _ - (it is also the phone's user name)"),
    ("agent", "address"): _sip_address,
    ("agent", "auto_answer"): _one_of(*MAKES),
    ("agent", "codecs"): _each(_one_of(*FORMATS)),
    ("agent", "encryption"): _one_of("", *(choice.value for choice in Encryption)),
    ("agent", "compat"): _each(_one_of(*(option.value for option in Compat))),
    ("agent", "networks"): _each(_network),
    ("agent", "skills"): _each(_parsed(parse_skill)),
    ("agent", "weight"): _between(1, 1000),
    ("agent", "capacity"): _each(_parsed(parse_capacity)),
    ("agent", "wrap_up_s"): _between(-1, 3600, " seconds (-1: as the queue has it)"),
    ("queue", "name"): _NAMED,
    ("queue", "ring_timeout_s"): _between(3, 300, " seconds"),
    ("queue", "wrap_up_s"): _between(0, 3600, " seconds"),
    ("queue", "wrap_up_more_s"): _between(5, 3600, " seconds"),
    ("queue", "wrap_up_extends"): _between(0, 100),
    ("queue", "wrap_up_most_s"): _between(0, 7200, " seconds"),
    ("queue", "disposition"): _one_of("optional", "required"),
    ("disposition", "code"): _text(re.compile(r"(?!missing$)[a-z0-9_.-]{1,40}"), "must be 1 to 40 of a-z 0-9 _ . -"),
    ("disposition", "zh"): _text(re.compile(r".{0,40}"), "must be at most 40 signs"),
    ("disposition", "en"): _text(re.compile(r".{0,40}"), "must be at most 40 signs"),
    ("pause", "name"): _text(re.compile(r"(?!rona$)\S(.{0,30}\S)?"), "must be 1 to 32 signs, without blanks around"),
    ("pause", "en"): _text(re.compile(r".{0,40}"), "must be at most 40 signs"),
    ("pause", "minutes"): _between(0, 600, " minutes (0: nothing is planned)"),
    ("disposition", "fields"): _each(_one_of(*FieldKind)),
    ("queue", "max_wait_s"): _WAIT,
    ("queue", "max_length"): _between(0, 10000),
    ("queue", "overflow"): _each(_overflow),
    ("queue", "closed"): _each(_way),
    ("queue", "keys"): _each(_parsed(parse_key)),
    ("queue", "enter_while"): _one_of(*There),
    ("queue", "stay_while"): _one_of(*(There.ALWAYS, There.SIGNED_IN, There.ON_DUTY)),
    ("queue", "service_level_s"): _between(1, 3600, " seconds"),
    ("queue", "announce_every_s"): _between(10, 3600, " seconds"),
    ("queue", "misses_before_pause"): _between(0, 100),
    ("queue", "strategy"): _one_of(*Strategy),
    ("queue", "ring_at_once"): _between(1, 100),
    ("queue", "ring_first"): _between(1, 100),
    ("queue", "ring_more"): _between(1, 100),
    ("queue", "ring_step_s"): _between(1, 300, " seconds"),
    ("queue", "ahead_s"): _between(0, MOST_AHEAD_S, " seconds"),
    ("queue", "skills"): _each(_parsed(parse_skill)),
    ("queue", "relax"): _each(_parsed(parse_step)),
    ("queue", "sticky_days"): _between(0, 400, " days (0: never)"),
    ("queue", "sticky_wait_s"): _between(0, 3600, " seconds"),
    ("queue", "callback_key"): _one_of("", *"0123456789*#"),
    ("callback", "caller_id"): _text(_CALLER_ID, "must be a number of digits, perhaps with + before it"),
    ("queue", "callback_first"): _one_of("agent", "customer"),
    ("callback", "lead_s"): _between(0, 120, " seconds"),
    ("callback", "listen_s"): _between(0, 10, " seconds (0: never)"),
    ("callback", "tries"): _between(1, 20),
    ("callback", "retry_min"): _between(0.1, 1440, " minutes"),
    ("callback", "holds_h"): _between(0.1, 168, " hours"),
    ("callback", "ring_timeout_s"): _between(5, 180, " seconds"),
    ("queue", "rating_low"): _between(0, 100),
    ("distribution", "order"): _one_of(*Order),
    ("distribution", "priorities"): _each(_parsed(parse_priority)),
    ("distribution", "vips"): _each(_parsed(parse_vip)),
    ("distribution", "came_back_min"): _between(0, 1440, " minutes (0: never)"),
    ("hours", "name"): _NAMED,
    ("hours", "open"): _open_lines,
    ("hours", "holidays"): lambda value: None if value in ("CN", "") else 'must be "CN" (Chinese) or "" (none)',
    ("hours", "extra_open"): _extra_open,
    ("hours", "extra_closed"): _extra_closed,
    ("flow", "name"): _NAMED,
    ("survey", "name"): _NAMED,
    ("number", "number"): _text(_CALLED, 'must be a called number in digits, or "*" for any other'),
    ("number", "to"): _destination,
    ("campaign", "name"): _NAMED,
    ("campaign", "caller_id"): _text(_CALLER_ID, "must be a number of digits, perhaps with + before it"),
    ("campaign", "concurrency"): _between(1, 1000),
    ("campaign", "ring_timeout_s"): _between(5, 180, " seconds"),
    ("campaign", "hours"): _open_lines,
    ("alarm", "name"): _NAMED,
    ("alarm", "kind"): _one_of(*AlarmKind),
    ("alarm", "limit"): _between(0, 86400, " (0: what is usual)"),
    ("alarm", "clear"): _between(0, 86400, " (0: what is usual)"),
    ("alarm", "for_s"): _between(0, 3600, " seconds"),
    ("alarm", "clear_after_s"): _between(0, 3600, " seconds"),
    ("alarm", "over_min"): _between(1, 240, " minutes"),
    ("alarm", "at_least"): _between(1, 1000),
    ("webhook", "url"): webhook_url,
    ("webhook", "events"): _each(_text(re.compile(r"[a-z_]+\.[a-z_]*"), 'must be the beginning of a name: "alarm."')),
    ("webhook", "timeout_s"): _between(0.5, 60, " seconds"),
    ("probe", "name"): _NAMED,
    ("probe", "number"): _DIALLED,
    ("probe", "caller_id"): _DIALLED,
    ("probe", "when"): _parsed(check_cron),
    ("probe", "keys"): _text(re.compile(r"[0-9*#]{0,20}"), "must be keys of a telephone: 0 to 9, * and #"),
    ("probe", "keys_after_s"): _between(0.5, 60, " seconds"),
    ("probe", "ring_timeout_s"): _between(5, 180, " seconds"),
    ("probe", "patience_s"): _between(5, 1800, " seconds"),
    ("probe", "talk_s"): _between(0, 60, " seconds"),
}
"""By table ("" is the top of the file) and key."""
