"""A start that fails, and what is left of it."""

import socket
from pathlib import Path

import pytest

from tests.interop.line import CARRIER, HOST, Line, basic
from tests.ports import free_port

pytestmark = pytest.mark.interop


async def test_a_console_port_in_use_costs_no_password(tmp_path: Path) -> None:
    line = Line(
        tmp_path,
        free_port(),
        free_port(),
        basic(carrier_port=free_port(CARRIER)),
        forked=False,  # one that begins as at its user's
    )
    with socket.socket() as other:
        other.bind((HOST, line.http))
        other.listen()
        with pytest.raises(AssertionError):
            await line.start()
        assert line.process is not None
        assert await line.process.wait() == 3
    said = "\n".join(line.output)
    assert "see [http] in the configuration" in said
    assert "Traceback" not in said
    assert line.password == ""

    await line.start()  # signs in with the password that is shown now
    assert line.password
    assert await line.stop() == 0
