"""What a configuration needs of this machine: folders, files, addresses, ports for every worker, the model it names."""

import os
from pathlib import Path
from typing import Final

from archive.keys import load_key
from asr.models import CATALOGUE, installed, is_here
from core.errors import ConfigError, Unavailable
from service.addresses import is_ours
from service.config_links import Places
from service.config_model import Config
from service.from_config import key_file, media_workers, models_folder, tls_of
from telephony.media.handshake import read_secret
from telephony.sip.certificates import ServerCertificates
from telephony.sip.tls import client_context

PAIRS_PER_WORKER: Final = 2
"""The two legs of a call live on one worker, each with a pair of ports (RTP and RTCP)."""


def check_surroundings(config: Config, at: Places) -> None:
    """Note at its key whatever would keep ``line400 serve`` from starting."""
    _folder(config.data_folder, ("data_folder",), at)
    if config.recording.folder is not None:
        _folder(config.recording.folder, ("recording", "folder"), at)
    if config.weekly_report.folder is not None:
        _folder(config.weekly_report.folder, ("weekly_report", "folder"), at)
    if config.asr.models_folder is not None:
        _folder(config.asr.models_folder, ("asr", "models_folder"), at)
    if config.prompts is not None and not config.prompts.is_dir():
        at.fault(("prompts",), f"there is no folder {config.prompts}; make it, or leave prompts out")
    if config.database:
        from store.database import parse_url  # noqa: PLC0415 - loads SQLAlchemy, which the check of a SQLite line can do without

        try:
            parse_url(config.database)
        except ConfigError as error:
            for problem in error.problems:
                at.fault(("database",), problem.removeprefix("database: "))
    _key(config, at)
    _tls(config, at)
    _ports(config, at)
    _media_hosts(config, at)


def foreign_addresses(config: Config) -> list[str]:
    """Warnings about addresses to listen on that this machine does not have now."""
    hosts = {"http.host": config.http.host, "sip.host": config.sip.host, "media.host": config.media.host}
    return [
        f"{key} {host} is not an address of this machine now; `line400 serve` cannot listen there"
        for key, host in hosts.items()
        if not is_ours(host)
    ]


def missing_model(config: Config) -> str | None:
    """What to do about a model that the configuration names and that is not here; None where nothing is missing."""
    name = config.asr.model
    if not config.asr.enabled or not name or is_here(models_folder(config), name):
        return None
    if name in {model.name for model in CATALOGUE}:
        return f"[asr] model {name!r} is not installed; run `line400 models install {name}`"
    known = dict.fromkeys([model.name for model in installed(models_folder(config))] + [it.name for it in CATALOGUE])
    return f"[asr] model {name!r}: there is no such model or path; known are: {', '.join(known)}"


def _folder(folder: Path, path: tuple[str, ...], at: Places) -> None:
    """It need not exist, but must be possible."""
    there = next(part for part in (folder, *folder.parents) if part.exists() or part == part.parent)
    if not there.is_dir():
        at.fault(path, f"{there} is a file, not a folder; name another place")
    elif not os.access(there, os.W_OK | os.X_OK):
        at.fault(path, f"{there} is not ours to write to; name another place or give the rights")


def _key(config: Config, at: Places) -> None:
    """It is made on first use, so it need not be there."""
    path = key_file(config)
    if config.recording.key_file is not None:
        _folder(path.parent, ("recording", "key_file"), at)
    if not config.recording.encrypt or not path.exists():
        return
    try:
        load_key(path)
    except ConfigError as error:
        at.fault(("recording", "key_file" if config.recording.key_file is not None else "encrypt"), error.problems[0])


def _tls(config: Config, at: Places) -> None:
    settings = tls_of(config)
    if settings is None:
        for key, port in (("tls_port", config.sip.tls_port), ("wss_port", config.sip.wss_port)):
            if port >= 0:
                at.fault(("sip", key), "needs tls_certificate (and tls_key), PEM files that prove who we are")
        return
    try:
        ServerCertificates(settings)
        client_context(settings)
    except Unavailable as error:
        at.fault(("sip", "tls_certificate"), str(error))


def _ports(config: Config, at: Places) -> None:
    low, high, workers = config.media.port_min, config.media.port_max, media_workers(config)
    pairs = max(0, high - (low + low % 2) + 1) // 2
    if workers and pairs < PAIRS_PER_WORKER * workers:
        at.fault(
            ("media", "port_max"),
            f"ports {low} to {high} are {pairs} pairs for {workers} media workers: every call takes four ports on one "
            f"worker; set port_max to {low + low % 2 + 4 * workers - 1} at least, better far above, or fewer workers",
        )


def _media_hosts(config: Config, at: Places) -> None:
    media = config.media
    if not media.remote:
        if media.workers < 0:
            at.fault(("media", "workers"), "-1 is no worker here, so `remote` must name one elsewhere")
        return
    if media.remote_secret is None:
        at.fault(("media", "remote"), "needs remote_secret, a file with the secret that the media hosts have too")
        return
    try:
        read_secret(media.remote_secret)
    except Unavailable as error:
        at.fault(("media", "remote_secret"), str(error))
