"""Stopping without cutting anyone off: no new calls, and those that are up go on until they end or time runs out."""

import asyncio
import logging
import signal

from service.build import Built

_log = logging.getLogger("line400.service")


class Signals:
    """SIGINT (Ctrl-C) and SIGTERM (service manager) as they come to the running loop."""

    def __init__(self) -> None:
        self._told: asyncio.Queue[signal.Signals] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self._told.put_nowait, name)

    async def next(self) -> signal.Signals:
        """The next one."""
        return await self._told.get()


async def drain(built: Built, signals: Signals, within_s: float) -> None:
    """Return when no call is up, ``within_s`` have passed, or another signal says that waiting is over."""
    switchboard = built.exchange.switchboard
    switchboard.close_for_calls()
    built.outbound.hold()
    if built.house.callbacks is not None:
        built.house.callbacks.hold()
    built.prober.hold()
    built.placing.hold()
    if not switchboard.legs or within_s <= 0:
        return
    up = len(switchboard.legs)
    _log.info("stopping: %d legs are up and have %.0f s to end; a second signal ends them", up, within_s)
    ended = asyncio.ensure_future(switchboard.wait_quiet())
    told = asyncio.ensure_future(signals.next())
    try:
        await asyncio.wait({ended, told}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        if switchboard.legs:
            _log.warning("stopping: %d legs are still up and are hung up", len(switchboard.legs))
    finally:
        ended.cancel()
        told.cancel()
        await asyncio.gather(ended, told, return_exceptions=True)
