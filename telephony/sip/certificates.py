"""Which certificate a TLS listener shows: by the name that the peer asks for (SNI, RFC 6066 §3), renewed with its file.

Certificates of public authorities live for weeks, so they must be taken from their files while calls are up.
"""

import logging
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.errors import Unavailable
from telephony.sip.tls import TlsSettings, server_context

_log: Final = logging.getLogger("line400.sip")


class ServerCertificates:
    """``context`` is for the listener, for as long as it lives. ``Unavailable`` names a file that cannot be used.

    A peer that asks for no name, or for one that no certificate has, gets the first certificate.
    """

    def __init__(self, settings: TlsSettings) -> None:
        self._settings = settings
        self._changed = _times(settings)
        self._first, self._named = _contexts(settings)
        self.context = server_context(settings)
        self.context.sni_callback = self._choose

    def renew(self) -> bool:
        """Look whether a file has changed, and take it; one that cannot be used leaves things as they are."""
        changed = _times(self._settings)
        if changed == self._changed:
            return False
        self._changed = changed
        try:
            self._first, self._named = _contexts(self._settings)
        except Unavailable as error:
            _log.error("the certificate was changed, the old one stays in use: %s", error)
            return False
        _log.info("TLS certificates were read anew")
        return True

    def _choose(self, peer: ssl.SSLObject | ssl.SSLSocket, name: str | None, context: ssl.SSLContext) -> None:
        """See ``ssl.SSLContext.sni_callback``."""
        wanted = (name or "").lower().rstrip(".")
        found = self._named.get(wanted) or self._named.get("*." + wanted.partition(".")[2])
        peer.context = found or self._first


def _contexts(settings: TlsSettings) -> tuple[ssl.SSLContext, dict[str, ssl.SSLContext]]:
    """The first certificate's, and by name those of all; of two with the same name the earlier holds."""
    first = server_context(settings)
    named = dict.fromkeys(_names(settings.certificate), first)
    for path in settings.more:
        context = server_context(replace(settings, certificate=path, key=None))
        named = {**dict.fromkeys(_names(path), context), **named}
    return first, named


def _names(path: Path) -> list[str]:
    """The DNS names of the first certificate in a PEM file, which can be read."""
    from cryptography import x509  # noqa: PLC0415 - loaded only where there are certificates

    try:
        certificate = x509.load_pem_x509_certificates(path.read_bytes())[0]
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return []  # TLS can use it all the same, but it has no name to be chosen by
    return [name.lower() for name in names.get_values_for_type(x509.DNSName)]


def _times(settings: TlsSettings) -> tuple[int, ...]:
    """When each file was changed last; 0 for one that is not there just now."""
    files = (settings.certificate, settings.key, settings.authorities, *settings.more)
    return tuple(_time(path) for path in files if path is not None)


def _time(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
