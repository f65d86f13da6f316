"""``line400 demo``: starts the real service, lets simulated people call it and be called, and shows the outcome."""

import asyncio
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Final

from rich.console import Console

from asr.models import find_model
from core.errors import Line400Error, Unavailable
from service.clock import SystemClock
from service.config import load_config
from service.demo.api import Api
from service.demo.outcome import show_outcome
from service.demo.people import (
    AGENTS,
    CALLERS,
    CUSTOMERS,
    Agent,
    Caller,
    live_as_agent,
    live_as_caller,
    live_as_customer,
)
from service.demo.setting import CAMPAIGN, CARRIER_HOST, LINE, PASSWORD, SERVICE_HOST, Ports, free_ports, write_config
from service.demo.softphone import PhoneCall, Softphone
from service.demo.stage import Stage
from service.from_config import models_folder
from service.logs import LogLevel
from telephony.sip.hop import Hop

MODEL: Final = "whisper-base"
_START_S: Final = 60.0
_STORY_S: Final = 240.0
_TRANSCRIPTS_S: Final = 240.0
_PASSWORD: Final = re.compile(r"as admin with password (\S+)")


def run() -> int:
    """Play the demonstration; 0 when everybody got through the story."""
    screen = Console(highlight=False, markup=False, soft_wrap=True)
    folder = Path(tempfile.mkdtemp(prefix="line400-demo-"))
    try:
        asyncio.run(_play(folder, screen))
    except KeyboardInterrupt:
        screen.print("演示结束 / stopped")
    except Line400Error as error:
        screen.print(f"演示失败 / the demonstration failed: {error}", style="red")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


async def _play(folder: Path, screen: Console) -> None:
    began = time.monotonic()
    ports = free_ports()
    config = write_config(folder, ports)
    screen.print("1. 启动服务 / starting the service", style="bold")
    await _fetch_model(config, screen)
    service = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service.cli", "serve", "--config", str(config), "--log-level", LogLevel.ERROR.value,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        password = await _wait_until_up(service, screen)
        api = Api(SERVICE_HOST, ports.http)
        await api.sign_in("admin", password)
        screen.print(
            f"   控制台 / console: http://{SERVICE_HOST}:{ports.http}/  admin / {password}  (Ctrl-C 结束 / ends)"
        )
        await _story(api, ports, config, screen)
        await show_outcome(api, CAMPAIGN, config, screen)
        await _stay_open(began)
    finally:
        if service.returncode is None:
            service.terminate()
        await service.wait()


async def _fetch_model(config: Path, screen: Console) -> None:
    """Without a model the demonstration goes on, and says that nothing will be transcribed."""
    folder = models_folder(load_config(config))
    if await asyncio.to_thread(find_model, folder, None) is not None:
        return
    screen.print(f"   首次运行：下载语音识别模型 / first run: fetching the recognition model {MODEL}")
    try:
        await _line400("models", "install", MODEL, "--config", str(config))
    except Unavailable:
        screen.print(
            "   没有模型，本次演示没有转写，语音选择改用按键 / no model: no transcripts, and menus by keys only"
        )


async def _wait_until_up(service: asyncio.subprocess.Process, screen: Console) -> str:
    if service.stdout is None:
        raise Unavailable("the service has no output")
    try:
        async with asyncio.timeout(_START_S):
            while line := (await service.stdout.readline()).decode():
                screen.print(f"   {line.rstrip()}")
                if found := _PASSWORD.search(line):
                    return found[1]
    except TimeoutError:
        raise Unavailable(f"the service was not up within {_START_S:.0f} s") from None
    raise Unavailable("the service ended at once; its messages above say why")


async def _story(api: Api, ports: Ports, config: Path, screen: Console) -> None:
    clock = SystemClock()
    server = Hop("UDP", SERVICE_HOST, ports.sip)
    stage = Stage(api, screen)
    following = asyncio.ensure_future(stage.follow())
    playing: set[asyncio.Task[None]] = set()

    def act(part: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(part)
        playing.add(task)
        task.add_done_callback(playing.discard)

    carrier = Softphone(
        clock,
        server,
        "carrier",
        on_call=lambda call: act(_customer_rings(call, stage)),
        listen=Hop("UDP", CARRIER_HOST, ports.carrier),
    )

    def phone_of(agent: Agent) -> Softphone:
        return Softphone(clock, server, agent.id, PASSWORD, on_call=lambda call: act(live_as_agent(agent, call)))

    phones = [phone_of(agent) for agent in AGENTS]
    try:
        async with asyncio.timeout(_STORY_S):
            await carrier.start()
            await _sign_in_agents(api, phones, screen)
            screen.print(f"2. {len(CALLERS)} 位客户来电 / callers ring {LINE}", style="bold")
            await asyncio.gather(*(_caller_rings(caller, carrier, stage) for caller in CALLERS))
            screen.print(f"3. 回访 {len(CUSTOMERS)} 位客户 / the survey campaign calls customers", style="bold")
            await _campaign(config, stage)
    except TimeoutError:
        raise Unavailable(f"the story did not come to its end within {_STORY_S:.0f} s") from None
    finally:
        for phone in (carrier, *phones):
            await phone.close()
    screen.print("4. 转写录音 / transcribing what was said", style="bold")
    try:
        async with asyncio.timeout(_TRANSCRIPTS_S):
            await stage.until_transcribed()
    except TimeoutError:
        screen.print("   没有等到全部转写 / not every transcript came in time")
    finally:
        following.cancel()


async def _sign_in_agents(api: Api, phones: list[Softphone], screen: Console) -> None:
    for agent, phone in zip(AGENTS, phones, strict=True):
        await phone.start()
        await phone.register()
        await api.send("PUT", f"/agents/{agent.id}/state", {"state": "available"})
        screen.print(f"   坐席 {agent.id} 已签入 / agent {agent.id} is signed in")


async def _caller_rings(caller: Caller, carrier: Softphone, stage: Stage) -> None:
    await asyncio.sleep(caller.after_s)
    call = await carrier.call(LINE, caller.number)
    await live_as_caller(caller, call, stage)


async def _customer_rings(call: PhoneCall, stage: Stage) -> None:
    customer = next((item for item in CUSTOMERS if call.number.endswith(item.number)), None)
    if customer is None:
        call.refuse(404)
    else:
        await live_as_customer(customer, call, stage)


async def _campaign(config: Path, stage: Stage) -> None:
    list_file = config.parent / "customers.csv"
    rows = "".join(f"{customer.name},{customer.number}\n" for customer in CUSTOMERS)
    list_file.write_text("姓名,手机号\n" + rows, encoding="utf-8")
    await _line400("campaign", "import", str(list_file), "--campaign", CAMPAIGN, "--config", str(config))
    await _line400("campaign", "start", CAMPAIGN, "--config", str(config))
    await asyncio.gather(*(stage.until(customer.number, "attempt.ended") for customer in CUSTOMERS))


async def _line400(*arguments: str) -> None:
    """Run a command of ours as its user would."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "service.cli", *arguments)
    if await process.wait():
        raise Unavailable(f"`line400 {' '.join(arguments[:2])}` failed; its message above says why")


async def _stay_open(began: float) -> None:
    """Until Ctrl-C, or until ``DEMO_SECONDS`` have passed since the beginning."""
    seconds = os.environ.get("DEMO_SECONDS")
    if seconds is None:
        await asyncio.Event().wait()
    else:
        await asyncio.sleep(max(0.0, began + float(seconds) - time.monotonic()))
