"""Traced messages as a capture file (libpcap's format, version 2.4), for Wireshark and the like.

We see messages, not packets: each becomes one UDP datagram between two addresses, whatever its transport was. A message
over 65,507 bytes is cut.
"""

import struct
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from telephony.sip.hop import Hop
from telephony.sip.trace import Traced

_FILE: Final = struct.Struct("<IHHiIII")
_RECORD: Final = struct.Struct("<IIII")
_UDP: Final = struct.Struct("!HHHH")
_IPV4: Final = struct.Struct("!BBHHHBBH4s4s")
_IPV6: Final = struct.Struct("!IHBB16s16s")
_RAW_IP: Final = 101
"""LINKTYPE_RAW: each record begins with an IP header."""
_UDP_PROTOCOL: Final = 17
_LARGEST: Final = 65507
_NOWHERE: Final = IPv4Address("0.0.0.0")


def pcap(messages: Iterable[Traced], local: Mapping[str, Hop]) -> bytes:
    """The file; ``local`` is our own address by transport."""
    return b"".join([pcap_head(), *(pcap_record(one, local) for one in messages)])


def pcap_head() -> bytes:
    """What a file begins with."""
    return _FILE.pack(0xA1B2C3D4, 2, 4, 0, 0, 0x40000, _RAW_IP)


def pcap_record(one: Traced, local: Mapping[str, Hop]) -> bytes:
    """One message, to be appended."""
    ours = local.get(one.hop.transport, Hop(one.hop.transport, "0.0.0.0", 5060))
    source, target = (one.hop, ours) if one.received else (ours, one.hop)
    packet = _packet(source, target, one.data[:_LARGEST])
    seconds = int(one.at)
    return _RECORD.pack(seconds, int((one.at - seconds) * 1e6), len(packet), len(packet)) + packet


def _packet(source: Hop, target: Hop, data: bytes) -> bytes:
    length = _UDP.size + len(data)
    udp = _UDP.pack(source.port, target.port, min(length, 0xFFFF), 0) + data
    addresses = _address(source.host), _address(target.host)
    if any(isinstance(one, IPv6Address) for one in addresses):
        six = [one if isinstance(one, IPv6Address) else IPv6Address(f"::ffff:{one}") for one in addresses]
        return _IPV6.pack(6 << 28, length, _UDP_PROTOCOL, 64, six[0].packed, six[1].packed) + udp
    fields = (0x45, 0, 20 + length, 0, 0, 64, _UDP_PROTOCOL)
    header = _IPV4.pack(*fields, 0, addresses[0].packed, addresses[1].packed)
    return _IPV4.pack(*fields, _checksum(header), addresses[0].packed, addresses[1].packed) + udp


def _address(host: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(host)
    except ValueError:
        return _NOWHERE  # a name that was not looked up yet


def _checksum(header: bytes) -> int:
    """RFC 1071."""
    total: int = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
