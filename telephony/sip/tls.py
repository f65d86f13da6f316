"""TLS for SIP (RFC 3261 §26.2, RFC 5922): the contexts for connections that we take and that we make."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from core.errors import Unavailable


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """PEM files. ``key`` None: the key is in ``certificate`` too. ``authorities`` None: those that the system trusts.

    ``verify_clients``: whoever connects to us must prove himself by a certificate of ``authorities``. ``more``:
    certificates with their keys for peers that ask for other names.
    """

    certificate: Path
    key: Path | None = None
    authorities: Path | None = None
    verify_clients: bool = False
    more: tuple[Path, ...] = ()


def server_context(settings: TlsSettings) -> ssl.SSLContext:
    """For connections that peers make; ``Unavailable`` names the file that cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _present(context, settings)
    if settings.verify_clients:
        _trust(context, settings)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(settings: TlsSettings | None) -> ssl.SSLContext:
    """For connections that we make: the peer must prove the name or address that we asked for (RFC 5922 §7.2)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings is None:
        context.load_default_certs()
        return context
    _present(context, settings)
    _trust(context, settings)
    return context


def _present(context: ssl.SSLContext, settings: TlsSettings) -> None:
    try:
        context.load_cert_chain(settings.certificate, settings.key, password="")  # never asks the terminal for one
    except ssl.SSLError as error:
        where = f"{settings.certificate}" + (f" with {settings.key}" if settings.key is not None else "")
        raise Unavailable(f"the TLS certificate {where} cannot be used: {_why(error)}") from None
    except OSError as error:
        missing = settings.certificate if settings.key is None or not _readable(settings.certificate) else settings.key
        raise Unavailable(f"the TLS certificate cannot be used: {missing}: {error.strerror}") from None


def _why(error: ssl.SSLError) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return "the key is that of another certificate"
    if error.reason is None:
        return "it is no PEM file, certificate or key is missing in it, or the key has a passphrase (it must have none)"
    return error.reason.replace("_", " ").lower()


def _readable(path: Path) -> bool:
    try:
        path.open("rb").close()
    except OSError:
        return False
    return True


def _trust(context: ssl.SSLContext, settings: TlsSettings) -> None:
    if settings.authorities is None:
        context.load_default_certs()
        return
    try:
        context.load_verify_locations(settings.authorities)
    except ssl.SSLError as error:
        raise Unavailable(f"the TLS authorities {settings.authorities} cannot be used: {_why(error)}") from None
    except OSError as error:
        raise Unavailable(f"the TLS authorities {settings.authorities} cannot be used: {error.strerror}") from None
