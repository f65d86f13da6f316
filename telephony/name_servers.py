"""Name servers as the configuration writes them."""

from core.errors import ParseError
from telephony.sip.locating import is_address


def name_server(text: str) -> tuple[str, int]:
    """``address``, ``address:port`` or ``[address]:port``; ``ParseError`` otherwise."""
    host, colon, port = text.rpartition(":")
    if not colon or is_address(text):
        host, port = text, "53"
    if not is_address(host) or not port.isascii() or not port.isdigit() or not 0 < int(port[:6]) < 65536:
        raise ParseError("must be the IP address of a name server, perhaps with its port")
    return host.strip("[]"), int(port)
