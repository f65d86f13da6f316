"""A PostgreSQL server of our own on a free loopback port, for as long as it is wanted."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import Unavailable
from tests.ports import free_port


def find_server() -> Path | None:
    """The folder of PostgreSQL's programs."""
    on_path = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return Path(on_path).parent if on_path else next(iter(folders), None)


@contextmanager
def postgres_server(*settings: str) -> Iterator[str]:
    """A fresh server with nothing but TCP and ``settings`` (``shared_buffers=1GB``); yields ``host:port``. It takes
    some tenths of a second until it answers. ``Unavailable`` where none can be started.
    """
    programs = find_server()
    if programs is None:
        raise Unavailable("needs PostgreSQL (Debian: apt-get install postgresql)")
    user = None  # PostgreSQL refuses to run as root
    if os.geteuid() == 0:
        try:
            user = pwd.getpwnam("postgres")
        except KeyError:
            raise Unavailable("runs as root, and there is no user postgres to run the server") from None
    with tempfile.TemporaryDirectory() as folder:
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        port = free_port()
        uid, gid = (user.pw_uid, user.pw_gid) if user else (None, None)
        data = f"{folder}/data"
        initdb = [str(programs / "initdb"), "-D", data, "-A", "trust", "-U", "line400", "-E", "UTF8"]
        subprocess.run(initdb, check=True, capture_output=True, cwd=folder, user=uid, group=gid)
        chosen = [word for setting in ("unix_socket_directories=", "fsync=off", *settings) for word in ("-c", setting)]
        command = [str(programs / "postgres"), "-D", data, "-h", "127.0.0.1", "-p", str(port), *chosen]
        with (Path(folder) / "log").open("w") as log:
            running = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, user=uid, group=gid)
        try:
            yield f"127.0.0.1:{port}"
        finally:
            running.send_signal(signal.SIGINT)  # its "fast shutdown": clients are sent away
            running.wait(20)
