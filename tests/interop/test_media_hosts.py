"""Media workers behind ``line400 media-worker``, over TCP, as on another machine: calls, strangers, crashes."""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.errors import Unavailable
from telephony.media import link as link_module
from telephony.media.client import MediaClient
from telephony.media.handshake import NONCE_OCTETS, Challenge, Claim, control_proof, pack_frame, unpack_body
from telephony.media.port import RecordingClosed, WorkerLost
from telephony.media.remote import RemoteWorker, connect
from tests.interop.processes import Child, children, until_gone
from tests.interop.rtp_peer import loudest_hz
from tests.interop.test_media_workers import House, about, read_stereo
from tests.ports import free_port

pytestmark = pytest.mark.interop
WORKER = "telephony.media.worker"


class Host:
    """One ``line400 media-worker`` process."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, secret: bytes) -> None:
        self.process = process
        self.worker = RemoteWorker("127.0.0.1", port, secret)

    def workers(self) -> list[Child]:
        return children(self.process.pid, WORKER)

    async def end(self) -> int:
        if self.process.returncode is None:
            self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 15)


async def start_host(folder: Path, *, workers: int = 1, rtp: str = "24000-24099", port: int = 0) -> Host:
    path = folder / "secret"
    if not path.exists():
        path.write_text(secrets.token_hex(32) + "\n")
        path.chmod(0o600)
    port = port or free_port("127.0.0.1")
    arguments = ["--listen", f"127.0.0.1:{port}", "--secret-file", str(path), "--host", "127.0.0.1"]
    arguments += ["--advertised", "127.0.0.1", "--ports", rtp, "--workers", str(workers)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service.cli", "media-worker", *arguments,
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
    assert f"127.0.0.1:{port}" in line, line
    return Host(process, port, path.read_bytes().strip())


@contextlib.asynccontextmanager
async def house_of(*remote: RemoteWorker, workers: int = 0) -> AsyncIterator[House]:
    client = MediaClient(workers=workers, port_range=(24100, 24199), rtp_silent_s=5.0, remote=remote)
    await client.start()
    house = House(client)
    try:
        await house.wait(lambda: client.workers_up == workers + len(remote), 20)
        yield house
    finally:
        for peer in house.peers:
            peer.stop()
        await client.shut_down()


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    started = await start_host(tmp_path)
    try:
        yield started
    finally:
        await started.end()


async def test_a_bridged_and_recorded_call_on_a_worker_behind_tcp(host: Host, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    async with house_of(host.worker) as house:
        left = await house.leg("a", "PCMA", 440.0)
        right = await house.leg("b", "PCMU", 880.0, near="a")
        await house.client.bridge("a", "b")
        await house.client.record("r", path, "a", "b")
        await asyncio.sleep(1.0)
        assert loudest_hz(left.heard()) == about(880)
        assert loudest_hz(right.heard()) == about(440)
        assert 24000 <= left.remote[1] <= 24099  # type: ignore[index]
        (worker,) = host.workers()
        assert house.client.pids == ()
        await house.client.stop_record("r")
        await house.wait(lambda: bool(house.of(RecordingClosed)))
    stereo = read_stereo(path)
    assert loudest_hz(stereo[1600:, 0]) == about(440)
    assert loudest_hz(stereo[1600:, 1]) == about(880)
    await until_gone([worker])  # control went: the host is free for the next
    async with house_of(host.worker):
        assert len(host.workers()) == 1


async def test_strangers_get_nothing_and_do_not_keep_control_out(host: Host) -> None:
    with pytest.raises(Unavailable):
        await connect(RemoteWorker("127.0.0.1", host.worker.port, b"another secret!!"), 5.0)
    address = ("127.0.0.1", host.worker.port)
    silent = [socket.create_connection(address) for _ in range(40)]
    liars = [socket.create_connection(address) for _ in range(4)]
    for liar, said in zip(
        liars,
        (b"GET / HTTP/1.1\r\n\r\n", struct.pack("!I", 1 << 30), struct.pack("!I", 5) + b"[[[[[", bytes(2000)),
        strict=True,
    ):
        liar.sendall(said)
    try:
        async with house_of(host.worker) as house:
            await house.client.open("a")
            assert len(host.workers()) == 1
    finally:
        for sock in (*silent, *liars):
            sock.close()


async def test_an_old_proof_is_of_no_use(tmp_path: Path) -> None:
    """What was heard on the wire opens nothing: the host's nonce is another each time."""
    host = await start_host(tmp_path, workers=2)
    nonce, claim, answers = bytes(NONCE_OCTETS), b"", []
    try:
        for _ in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", host.worker.port)
            length = int.from_bytes(await reader.readexactly(4))
            challenge = unpack_body(Challenge, await reader.readexactly(length))
            proof = control_proof(host.worker.secret, challenge.nonce, nonce)
            claim = claim or pack_frame(Claim(nonce, proof, 5.0))
            writer.write(claim)
            answers.append(await asyncio.wait_for(reader.read(4), 5))
            writer.close()
    finally:
        await host.end()
    assert [len(answer) for answer in answers] == [4, 0]


async def test_kill_9_of_a_worker_behind_tcp_and_control_connects_again(host: Host, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    async with house_of(host.worker, workers=1) as house:
        names = ["a", "b"]
        for name in names:  # one on each worker
            await house.leg(name)
        (worker,) = host.workers()
        ours = next(name for name, peer in zip(names, house.peers, strict=True) if peer.remote[1] >= 24100)  # type: ignore[index]
        (theirs,) = set(names) - {ours}
        await house.client.record("r", path, theirs, "")
        await asyncio.sleep(1.2)
        worker.kill()
        await house.event(WorkerLost((theirs,), ("r",)))
        assert path.stat().st_size > 0
        await house.wait(lambda: house.client.workers_up == 2, 10)
        (other,) = host.workers()
        assert other.pid != worker.pid
        await house.leg("c", near="")
        await house.client.stop(ours)  # it goes on


async def test_a_hanging_worker_behind_tcp_is_given_up_and_killed_by_its_host(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "PING_EVERY_S", 0.2)
    async with house_of(host.worker, workers=1) as house:
        await house.leg("a")
        await house.leg("b")
        (worker,) = host.workers()
        theirs = next(n for n, peer in zip("ab", house.peers, strict=True) if peer.remote[1] < 24100)  # type: ignore[index]
        worker.kill(signal.SIGSTOP)
        await house.wait(lambda: WorkerLost((theirs,), ()) in house.events, 15)  # though nobody asks it for anything
        with pytest.raises(Unavailable):
            await house.client.stop(theirs)
        await until_gone([worker], 20)
        await house.wait(lambda: house.client.workers_up == 2, 15)


async def test_sigterm_of_a_host_ends_its_calls_with_whole_recordings(tmp_path: Path) -> None:
    host = await start_host(tmp_path)
    path = tmp_path / "call.wav"
    port = host.worker.port
    async with house_of(host.worker) as house:
        await house.leg("a", hz=440.0)
        await house.client.record("r", path, "a", "")
        await asyncio.sleep(1.0)
        assert await host.end() == 0
        await house.event(WorkerLost(("a",), ()))  # the recording was closed before
        assert len(house.of(RecordingClosed)) == 1
        assert loudest_hz(read_stereo(path)[:, 0]) == about(440)
        again = await start_host(tmp_path, port=port)
        try:
            await house.wait(lambda: house.client.workers_up == 1, 15)
            await house.leg("b")
        finally:
            await again.end()


async def test_more_workers_than_a_host_has_are_refused(tmp_path: Path) -> None:
    host = await start_host(tmp_path, workers=2)
    try:
        async with house_of(host.worker, host.worker) as house:
            assert len(host.workers()) == 2
            await house.client.open("a")
            await house.client.open("b")
            with pytest.raises(Unavailable, match="taken"):
                await connect(host.worker, 5.0)
    finally:
        await host.end()


async def test_a_host_that_does_not_know_the_secret_is_told_once(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    stranger = RemoteWorker("127.0.0.1", host.worker.port, b"another secret, but long enough")
    client = MediaClient(workers=0, remote=[stranger])
    await client.start()
    await asyncio.sleep(1.5)  # some five tries
    await client.shut_down()
    told = [record.getMessage() for record in caplog.records if "another secret" in record.getMessage()]
    assert len(told) == 1 and "trying again until a worker is up" in told[0]


async def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef")
    for arguments, text in (
        (["--listen", "nowhere", "--secret-file", str(secret)], "must be host:port"),
        (["--listen", "127.0.0.1:0", "--secret-file", str(secret)], "chmod 600"),
        (["--listen", "127.0.0.1:0", "--secret-file", str(tmp_path / "none")], "No such file"),
        (["--listen", "127.0.0.1:0", "--secret-file", str(secret), "--ports", "20000"], "the first and the last"),
        (["--listen", "127.0.0.1:0", "--secret-file", str(secret), "--host", "192.0.2.7"], "no RTP port can be opened"),
    ):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "service.cli", "media-worker", *arguments,
            stderr=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2], env=os.environ | {"COLUMNS": "200"},
        )  # fmt: skip
        _, stderr = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 1
        assert text in stderr.decode()


CONTROL = """
import asyncio, sys
from pathlib import Path
from telephony.media.client import MediaClient
from telephony.media.handshake import read_secret
from telephony.media.remote import RemoteWorker

async def main():
    worker = RemoteWorker("127.0.0.1", int(sys.argv[2]), read_secret(Path(sys.argv[3])))
    client = MediaClient(workers=0, remote=[worker])
    await client.start()
    await client.open("a")
    await client.record("r", Path(sys.argv[1]), "a", "")
    print("up", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_kill_9_of_control_ends_a_worker_behind_tcp_with_whole_recordings(host: Host, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    control = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CONTROL, str(path), str(host.worker.port), str(tmp_path / "secret"),
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert control.stdout is not None
    assert await asyncio.wait_for(control.stdout.readline(), 20) == b"up\n"
    (worker,) = host.workers()
    await asyncio.sleep(1.0)
    control.kill()
    await control.wait()
    await until_gone([worker])
    assert len(read_stereo(path)) / 8000 > 0.8
    async with house_of(host.worker):
        assert len(host.workers()) == 1
