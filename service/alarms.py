"""Looks at the house every second by the rules of ``acd.alarms``, and tells the log; page, MQTT and webhook read it."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from acd.alarm_figures import AlarmFigures
from acd.alarms import AlarmKind, AlarmRule, Alarms
from acd.board import Board
from acd.distributor import Distributor
from acd.facts import QueueLeft
from acd.recent_level import RecentLevel
from core.clock import Clock
from core.events import Event, Log
from ivr.hours import Hours
from service.config_alarms import alarm_rules
from service.config_model import Config
from service.exchange import Exchange
from service.foundation import Foundation
from service.from_config import hours_of, thresholds_of
from service.qualify import trunk_state

LOOK_S: Final = 1.0


class AlarmWatch:
    """``snapshot`` is the live picture; ``trunks_down`` says of each trunk whether it is down. Give each event of the
    log to ``note``. What raised alarms read now stands in ``figures``.
    """

    def __init__(
        self,
        config: Config,
        snapshot: Callable[[], Board],
        trunks_down: Callable[[], Mapping[str, bool]],
        log: Log,
        clock: Clock,
        figures: AlarmFigures | None = None,
    ) -> None:
        self._figures = figures or AlarmFigures()
        self._snapshot = snapshot
        self._trunks_down = trunks_down
        self._log = log
        self._clock = clock
        self._alarms = Alarms([])
        self._level = RecentLevel({})
        self._hours: Mapping[str, Hours] = {}
        self._any = asyncio.Event()
        self.change(config)

    def change(self, config: Config) -> None:
        """These rules hold from now on."""
        rules = alarm_rules(config)
        self._hours = hours_of(config)
        self._level.targets = dict(thresholds_of(config))
        now = self._clock.now()
        for cleared in self._alarms.change(rules, now):
            self._log.post("", cleared)
        self._figures.take(self._alarms.standing(), now)
        if rules:
            self._any.set()
        else:
            self._any.clear()

    def note(self, event: Event) -> None:
        """An event of the log."""
        if isinstance(event.fact, QueueLeft):
            self._level.note(event.fact, event.at)

    async def run(self) -> None:
        """Look until cancelled; a house without rules does not look."""
        while True:
            await self._any.wait()
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Once."""
        now, board, down = self._clock.now(), self._snapshot(), self._trunks_down()

        def read(rule: AlarmRule) -> Mapping[str, float]:
            hours = self._hours.get(rule.hours)
            if hours is not None and not hours.is_open(now):
                return {}
            match rule.kind:
                case AlarmKind.LONGEST_WAIT:
                    return {
                        queue.name: now - min((caller.entered_at for caller in queue.waiting), default=now)
                        for queue in board.queues
                    }
                case AlarmKind.NO_AGENTS:
                    return {queue.name: float(queue.on_duty) for queue in board.queues}
                case AlarmKind.SERVICE_LEVEL:
                    return self._level.levels(now, rule.over_s, rule.at_least)
                case AlarmKind.TRUNK_DOWN:
                    return {trunk: float(is_down) for trunk, is_down in down.items()}

        for told in self._alarms.look(read, now):
            self._log.post("", told)
        self._figures.take(self._alarms.standing(), now)


def start_alarms(base: Foundation, exchange: Exchange, distributor: Distributor, figures: AlarmFigures) -> None:
    """Begin to look, by the rules of the configuration as it holds."""

    def trunks_down() -> Mapping[str, bool]:
        names = [trunk.name for trunk in exchange.trunks.all()]
        return {name: trunk_state(exchange.registrations, exchange.qualifier, name).level == "down" for name in names}

    watch = AlarmWatch(base.config, distributor.snapshot, trunks_down, base.store.log, base.clock, figures)
    base.bus.subscribe(watch.note)
    base.reloader.follow(lambda new: watch.change(new.config))
    base.tasks.keep("alarms", watch.run)
