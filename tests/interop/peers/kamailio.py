"""Kamailio in front of the line: a proxy with Record-Route at two addresses, one for carriers and one for phones; or
an edge proxy for phones, which remembers no phone and finds them by Path and Route alone.

It changes no Request-URI. Every request that its routes carry is written to its log.
"""

import asyncio
import shutil
from pathlib import Path

import pytest

CARRIERS_SIDE = "127.0.0.4"
PHONES_SIDE = "127.0.0.5"
_HEAD = """#!KAMAILIO
debug=1
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
listen=udp:{carriers}:{port}
listen=udp:{phones}:{port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "path.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
modparam("rr", "enable_double_rr", 1)

request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) t_relay();
        exit;
    }}
    if (has_totag()) {{
        if (loose_route()) {{
            xlog("L_ALERT", "within $rm from $si:$sp\\n");
            t_relay();
            exit;
        }}
        if (is_method("ACK")) {{
            if (t_check_trans()) t_relay();
            exit;
        }}
        xlog("L_ALERT", "astray $rm from $si:$sp\\n");
        sl_send_reply("404", "Not Here");
        exit;
    }}
    if (is_method("OPTIONS") && uri == myself) {{ sl_send_reply("200", "OK"); exit; }}
    if (is_method("INVITE")) record_route();
"""
_FRONT = """
    if ($si == "{line_host}" && $sp == {line_port}) {{
        if ($rd == "{carriers}") {{
            $du = "sip:{carrier_host}:{carrier_port}";
            $fs = "udp:{carriers}:{port}";
        }} else {{
            $fs = "udp:{phones}:{port}";
        }}
    }} else {{
        $du = "sip:{line_host}:{line_port}";
        if ($si == "{carrier_host}") {{ $fs = "udp:{carriers}:{port}"; }} else {{ $fs = "udp:{phones}:{port}"; }}
    }}
    t_relay();
}}
"""
_EDGE = """
    if ($si == "{line_host}" && $sp == {line_port}) {{
        if ($hdr(Route) == $null) {{
            xlog("L_ALERT", "astray $rm from $si:$sp\\n");
            sl_send_reply("404", "Not Here");
            exit;
        }}
        xlog("L_ALERT", "outward $rm from $si:$sp\\n");
        loose_route();  # takes its own Route away; its result says only whether another one follows
        t_relay();
        exit;
    }}
    if (is_method("REGISTER")) add_path();
    $du = "sip:{line_host}:{line_port}";
    t_relay();
}}
"""


def need_kamailio() -> str:
    """Its path; skip, with the reason, where it is not installed."""
    path = shutil.which("kamailio", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if path is None:
        pytest.skip("needs kamailio (Debian package kamailio)")
    return path


class Kamailio:
    """One proxy; use as ``async with``. ``line`` and ``carrier`` are host and port; without a carrier it is an edge
    proxy for phones, at ``PHONES_SIDE``.
    """

    def __init__(self, folder: Path, port: int, line: tuple[str, int], carrier: tuple[str, int] | None = None) -> None:
        self._folder = folder
        self._port = port
        self._said: list[str] = []
        folder.mkdir()
        carrier_host, carrier_port = carrier or ("", 0)
        (folder / "kamailio.cfg").write_text(
            (_HEAD + (_FRONT if carrier else _EDGE)).format(
                carriers=CARRIERS_SIDE, phones=PHONES_SIDE, port=port,
                line_host=line[0], line_port=line[1], carrier_host=carrier_host, carrier_port=carrier_port,
            )
        )  # fmt: skip
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Kamailio":
        self._process = await asyncio.create_subprocess_exec(
            need_kamailio(), "-f", str(self._folder / "kamailio.cfg"), "-DD", "-E", "-m", "16", "-M", "4",
            "-Y", str(self._folder), "-P", str(self._folder / "pid"),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read())
        await self._listening()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None and self._reader is not None
        if self._process.returncode is None:
            self._process.terminate()  # the first process ends its children
        try:
            await asyncio.wait_for(self._process.wait(), 15)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._reader.cancel()
        print(self.log())

    async def _read(self) -> None:
        assert self._process is not None and self._process.stderr is not None
        while line := await self._process.stderr.readline():
            self._said.append(line.decode(errors="replace").rstrip())

    async def _listening(self) -> None:
        """Wait until it answers OPTIONS."""
        probe = _Probe()
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: probe, local_addr=("127.0.0.1", 0)
        )
        port = transport.get_extra_info("sockname")[1]
        try:
            async with asyncio.timeout(30):
                while not probe.heard:
                    assert self._process is not None and self._process.returncode is None, self.log()
                    transport.sendto(
                        f"OPTIONS sip:{CARRIERS_SIDE}:{self._port} SIP/2.0\r\n"
                        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKprobe\r\nFrom: <sip:p@127.0.0.1>;tag=1\r\n"
                        f"To: <sip:{CARRIERS_SIDE}>\r\nCall-ID: probe\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 9\r\n"
                        "Content-Length: 0\r\n\r\n".encode(),
                        (CARRIERS_SIDE, self._port),
                    )
                    await asyncio.sleep(0.1)
        finally:
            transport.close()

    def within(self, source: str) -> list[str]:
        """The methods of requests within dialogs that it carried by its routes from ``source`` (host:port)."""
        return self._carried("within ", source)

    def outward(self, source: str) -> list[str]:
        """The same outside of dialogs, as an edge proxy."""
        return self._carried("outward ", source)

    def _carried(self, how: str, source: str) -> list[str]:
        lines = [line for line in self._said if how in line and line.endswith(f"from {source}")]
        return [line.partition(how)[2].split()[0] for line in lines]

    def astray(self) -> list[str]:
        """Requests within dialogs, or to phones, that came without a route."""
        return [line for line in self._said if "astray " in line]

    def log(self) -> str:
        return "\n".join(self._said)


class _Probe(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard = False

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.heard = True
