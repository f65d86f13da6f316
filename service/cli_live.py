"""Commands to the running service: read the configuration again, watch SIP as it passes."""

import base64
import contextlib
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO, Final, cast
from zoneinfo import ZoneInfo

import typer

from core.errors import Unavailable
from service.cli_common import ConfigOption, complaints, out, told
from service.config import load_config
from service.control_client import Json, ask, ask_once
from telephony.sip.hop import Hop
from telephony.sip.ladder import ladder
from telephony.sip.pcap import pcap_head, pcap_record
from telephony.sip.trace import Traced

NUMBERS_MOST: Final = 20


def reload(config: ConfigOption = None) -> None:
    """重新读取配置 / Read the configuration again without ending a call."""
    with told():
        done = ask_once(load_config(config).data_folder, "reload")
    for warning in _texts(done, "warnings"):
        complaints.print(f"注意 / warning: {warning}", style="yellow")
    for key in _texts(done, "changed"):
        out.print(f"已生效 / holds now: {key}")
    for key in _texts(done, "waiting"):
        out.print(f"重启后生效 / holds after the next start: {key}")
    if not done["changed"] and not done["waiting"]:
        out.print("没有变化 / nothing has changed")


def trace(
    numbers: Annotated[
        list[str] | None, typer.Argument(help="只跟踪这些号码 / only calls of these numbers (default: everybody)")
    ] = None,
    config: ConfigOption = None,
    call: Annotated[str, typer.Option(help="已保留的一路通话 / show what is kept of this call, then end")] = "",
    pcap: Annotated[Path | None, typer.Option(help="写入抓包文件 / also write a capture file")] = None,
    brief: Annotated[bool, typer.Option("--brief", help="每条报文一行 / one line a message")] = False,
    seconds: Annotated[float, typer.Option("--for", min=0, help="多少秒后结束 / end after so long; 0: Ctrl-C")] = 0,
    off: Annotated[bool, typer.Option("--off", help="关闭跟踪 / switch the trace off")] = False,
    status: Annotated[bool, typer.Option("--status", help="是否开启 / whether it is on")] = False,
) -> None:
    """SIP 跟踪 / Show SIP messages as they pass. Switched on for as long as this runs, if it was off before."""
    with told():
        loaded = load_config(config)
        folder = loaded.data_folder
        wanted = [number.strip() for number in numbers or []]
        if len(wanted) > NUMBERS_MOST or any(not number.isascii() or not number.isprintable() for number in wanted):
            raise Unavailable(f"name at most {NUMBERS_MOST} numbers, as they are on the wire")
        if off or status:
            _say_state(ask_once(folder, "trace.off" if off else "trace.state"))
            return
        began = not call and bool(ask_once(folder, "trace.on", numbers=wanted)["began"])
        try:
            with contextlib.ExitStack() as files, contextlib.suppress(KeyboardInterrupt):
                shown = _Screen(ZoneInfo(loaded.zone), pcap, files, brief=brief)
                # Who has switched it on sees what was kept since: all that passed until he follows.
                following = ask(folder, "trace.follow", call=call, once=bool(call), kept=began)
                for answer in _until(following, seconds):
                    shown.take(answer)
        finally:
            if began:
                ask_once(folder, "trace.off")


def _until(answers: Iterator[Json], seconds: float) -> Iterator[Json]:
    """As long as there are any, or for ``seconds``."""
    end = time.monotonic() + seconds
    for answer in answers:
        if answer.get("idle") is None:
            yield answer
        if seconds and time.monotonic() >= end:
            return


class _Screen:
    """Shows messages with times of ``zone``, and writes them to a file at ``pcap``, which is made (and closed by
    ``files``) once the service answers: what cannot be shown costs nobody an older capture.
    """

    def __init__(self, zone: ZoneInfo, pcap: Path | None, files: contextlib.ExitStack, *, brief: bool) -> None:
        self._zone = zone
        self._pcap = pcap
        self._files = files
        self._file: BinaryIO | None = None
        self._brief = brief
        self._local: Mapping[str, Hop] = {}

    def take(self, answer: Json) -> None:
        """The addresses that come first, or a message."""
        if "local" in answer:
            self._local = {hop.transport: hop for hop in map(_hop, cast("list[object]", answer["local"]))}
            if self._pcap is not None:
                self._file = self._files.enter_context(self._pcap.open("wb"))
                self._file.write(pcap_head())
            offset = datetime.now(self._zone).strftime("%z")
            complaints.print(f"时间 / times: {self._zone.key} ({offset}), 与日志一致 / as in the log")
            return
        one = Traced(
            serial=int(cast("int", answer["serial"])),
            at=float(cast("float", answer["at"])),
            received=bool(answer["received"]),
            hop=_hop(answer["hop"]),
            call_id=str(answer["call_id"]),
            data=base64.b64decode(str(answer["data"])),
        )
        if self._file is not None:
            self._file.write(pcap_record(one, self._local))
            self._file.flush()
        at = datetime.fromtimestamp(one.at, self._zone).strftime("%H:%M:%S.%f")[:-3]
        (rung,) = ladder([one])
        out.print(f"{at} {rung.source} → {rung.target} {one.hop.transport} {rung.text}{' SDP' if rung.sdp else ''}")
        if not self._brief:
            out.print(_printable(rung.message))


def _printable(text: str) -> str:
    """Without what a terminal would obey."""
    kept = text.replace("\r\n", "\n")
    return "".join(each if each.isprintable() or each in "\n\t" else f"\\x{ord(each):02x}" for each in kept)


def _hop(value: object) -> Hop:
    transport, host, port = cast("list[object]", value)
    return Hop(str(transport), str(host), int(cast("int", port)))


def _texts(answer: Json, key: str) -> list[str]:
    return [str(item) for item in cast("list[object]", answer[key])]


def _say_state(state: Json) -> None:
    who = ", ".join(_texts(state, "numbers")) or "所有人 everybody"
    on = f"开启 on: {who}" if state["on"] else "关闭 off"
    out.print(f"{on}; {state['messages']} 条报文 messages")
    if state.get("logged"):
        out.print(
            "日志里另有全部报文（serve --sip-trace），不带它重启才停 / besides, the log gets every message "
            "(serve --sip-trace), until a start without it"
        )
