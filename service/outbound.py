"""The campaigns of this house: one dialer each, started, paused and taken up again after a restart."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace

from campaigns.dialer import Dialer
from campaigns.facts import CampaignStateChanged
from campaigns.gate import CampaignState, Plan
from campaigns.pace import Pace, Unpaced
from campaigns.pauses import GONE
from campaigns.preview import Previewing
from campaigns.rooms import Rooms
from campaigns.rules.decide import forbidding_all
from campaigns.rules.values import Terms
from campaigns.script import NO_SCRIPT, Script
from campaigns.survey import Survey
from campaigns.survey_talk import SurveyTalk, no_recording
from campaigns.talk import Talk
from core.errors import LocalProtocolError
from ivr.hours import Hours
from service.campaign_agents import CampaignAgents
from service.campaign_setups import CampaignSetup
from service.campaign_tape import recorded
from service.supervisor import Supervisor
from store.promising import Way
from telephony.recorder import Recorder

_log = logging.getLogger("line400.service")


def stopped_for_good(name: str) -> LocalProtocolError:
    """It is never started again."""
    return LocalProtocolError(
        f"任务“{name}”已停止，不能再开始，可另建一个 / campaign {name!r} was stopped for good; make another one"
    )


class Outbound:
    """Starts and stops dialers by the campaign's name."""

    def __init__(
        self,
        setups: Mapping[str, CampaignSetup],
        rooms: Rooms,
        recorder: Recorder,
        tasks: Supervisor,
        agents: CampaignAgents | None = None,
    ) -> None:
        self._agents = agents
        self._setups = setups
        self._rooms = rooms
        self._recorder = recorder
        self._tasks = tasks
        self._dialers: dict[str, Dialer] = {}
        self._runs: dict[str, asyncio.Task[object] | None] = {}
        self._asked: dict[str, Survey | None] = {}
        """What the campaigns ask that were started, by their dialers' names."""
        self._starting = asyncio.Lock()
        self._held = False
        self._over: dict[str, CampaignState] = {}
        """Stopped for good; or finished by an earlier process, and not started since."""

    def change(self, setups: Mapping[str, CampaignSetup], hours: Mapping[str, Hours]) -> None:
        """These are the campaigns from now on; one that runs goes on by the plan that it was started with, and is
        paused where it is gone, or cannot call any more.
        """
        self._setups = setups
        for name, dialer in self._dialers.items():
            if dialer.state is CampaignState.RUNNING and (why := self._why_not(name)):
                dialer.pause(why)
        self._rooms = replace(self._rooms, hours=hours)

    def rules_changed(self) -> None:
        """Other rules of the house hold: contacts that were put off are decided about again, where a campaign runs."""
        for name, dialer in self._dialers.items():
            if dialer.state in {CampaignState.RUNNING, CampaignState.PAUSED}:
                self._tasks.spawn(f"rules of campaign {name}", self._decide_again(name, dialer))

    async def _decide_again(self, name: str, dialer: Dialer) -> None:
        await self._rooms.store.look_again(name)
        dialer.look()

    def look(self, name: str = "") -> None:
        """Somebody of the campaign (of any, where none is named) may have become due: its dialer looks at once."""
        for each, dialer in self._dialers.items():
            if name in ("", each):
                dialer.look()

    def plan(self, name: str) -> Plan | None:
        """How the campaign calls; None where the configuration has none of that name."""
        setup = self._setups.get(name)
        return setup.plan if setup is not None else None

    def terms(self, name: str) -> Terms | None:
        """By which it is decided now whom the campaign calls; None where the configuration has none of that name."""
        setup = self._setups.get(name)
        return setup.plan.terms(self._rooms.rules()) if setup is not None else None

    def way(self, name: str) -> Way:
        """By which rules and plan it calls; the usual ones where there is none of that name."""
        terms, plan = self.terms(name), self.plan(name)
        return Way(terms, plan.retry) if terms is not None and plan is not None else Way()

    def survey(self, name: str) -> Survey | None:
        """What the campaign asks: since it was started last, else what it would ask; None where it asks nothing, or
        there is none of that name.
        """
        if name in self._dialers:
            return self._asked[name]
        setup = self._setups.get(name)
        return setup.survey if setup is not None else None

    def script(self, name: str) -> Script:
        """What its agents read."""
        setup = self._setups.get(name)
        return setup.script if setup is not None else NO_SCRIPT

    def filled_in(self) -> frozenset[str]:
        """Campaigns whose agents have a script to read or a survey to fill in."""
        setups = self._setups.items()
        return frozenset(name for name, it in setups if it.agents and (it.survey or it.script != NO_SCRIPT))

    @property
    def names(self) -> tuple[str, ...]:
        """All campaigns, those too that cannot call as things stand."""
        return tuple(self._setups)

    def able(self, name: str) -> bool:
        """Whether it could call as things stood when they were told last."""
        return self._why_not(name) == ""

    async def take_up(self) -> None:
        """Go on with the campaigns that were running when the process ended; those that had finished go on for whoever
        comes.
        """
        self._over |= dict.fromkeys(await self._rooms.store.finished(), CampaignState.FINISHED)
        for name in await self._rooms.store.running():
            if why := self._why_not(name):
                self._rooms.log.post("", CampaignStateChanged(name, CampaignState.PAUSED, why))
                continue
            try:
                await self.start(name)
            except LocalProtocolError as error:  # the rules are others than when it was started, or nobody is left
                _log.warning("campaign %s does not go on: %s", name, error)
                if not (await self._rooms.store.counts(name)).pending:  # its last contact was being called then
                    self._rooms.log.post("", CampaignStateChanged(name, CampaignState.FINISHED))

    async def go_on(self, name: str) -> None:
        """Somebody has come whom the campaign is to call. Where it has finished it goes on, or waits as paused, with
        the reason, where it cannot call; where it runs it does not finish without him. Nothing is done where it was not
        started, is paused or stopped, or he has been called since.
        """
        self.look(name)  # it may just be finishing
        async with self._starting:
            if self.state(name) != CampaignState.FINISHED or not (await self._rooms.store.counts(name)).pending:
                return
            if self._over.get(name) is CampaignState.STOPPED:  # meanwhile
                return
            if why := self._why_not(name):
                self._dialers.pop(name, None)
                self._over.pop(name, None)
                self._rooms.log.post("", CampaignStateChanged(name, CampaignState.PAUSED, why))
                return
            try:
                await self._start(name)
            except LocalProtocolError as error:  # who came stands in its list all the same
                _log.warning("campaign %s does not go on for whoever has come: %s", name, error)

    async def start(self, name: str) -> None:
        """Start or resume a campaign, with its survey of now unless a call is up that is asked the one before;
        ``LocalProtocolError`` where the configuration has none of that name, it cannot call as things stand, a rule of
        the house forbids all its calls, or its list is empty.
        """
        async with self._starting:  # two orders at once are one dialer
            await self._start(name)

    async def _start(self, name: str) -> None:
        setup = self._setups.get(name)
        if setup is None:
            raise LocalProtocolError(
                f"没有可用的任务“{name}” / no campaign is named {name!r}, in the configuration or on the page"
            )
        self._refuse_stopped(name)
        dialer = self._dialers.get(name)
        if setup.cannot:
            raise LocalProtocolError(setup.cannot)
        going = dialer is not None and dialer.state in {CampaignState.RUNNING, CampaignState.PAUSED}
        if dialer is not None and going and (setup.survey == self._asked[name] or not self.let_go(name)):
            dialer.resume()
            return
        rule = forbidding_all(setup.plan.terms(self._rooms.rules()), self._rooms.clock.now())
        if rule is not None:
            raise LocalProtocolError(
                f"任务“{name}”现在不能拨打任何人：{rule.zh} / campaign {name!r} may call nobody: {rule.en}"
            )
        await self._rooms.store.look_again(name)
        if not (await self._rooms.store.counts(name)).pending:
            raise LocalProtocolError(
                f"任务“{name}”没有可拨的联系人，请先导入名单 / "
                f"campaign {name!r} has no contact left to call; import a list first"
            )
        talk, pace = await self._equipped(setup)
        self._refuse_stopped(name)  # meanwhile
        dialer = Dialer(setup.plan, talk, self._rooms, pace=pace)
        if self._held:
            dialer.hold()
        self._dialers[name], self._asked[name] = dialer, setup.survey
        self._over.pop(name, None)
        self._tasks.spawn(f"campaign {name}", self._run(name, dialer))

    async def _equipped(self, setup: CampaignSetup) -> tuple[Talk | Previewing, Pace]:
        """Who talks with people, and how many are called at a time."""
        if setup.agents is None:
            assert setup.survey is not None  # there is always one to hold
            around = recorded(self._recorder, self._tasks) if setup.record else no_recording
            return SurveyTalk(setup.survey, self._rooms, around=around), Unpaced()
        if self._agents is None:
            name = setup.plan.name
            raise LocalProtocolError(
                f"任务“{name}”要坐席通话，这里没有坐席 / campaign {name!r} needs agents, and this house has none"
            )
        return await self._agents.equip(setup.plan, setup.agents, record=setup.record)

    def pause(self, name: str) -> None:
        """No new dials; calls that are up go on. ``LocalProtocolError`` where it does not run."""
        dialer = self._dialers.get(name)
        if dialer is None or dialer.state is not CampaignState.RUNNING:
            raise LocalProtocolError(f"任务“{name}”没有在进行 / campaign {name!r} is not running")
        dialer.pause()

    def stop(self, name: str) -> None:
        """No new dials for good, by one that has finished its list neither; calls that are up go on."""
        self._over[name] = CampaignState.STOPPED
        dialer = self._dialers.get(name)
        if dialer is not None and dialer.state in {CampaignState.RUNNING, CampaignState.PAUSED}:
            dialer.stop()
        else:
            self._rooms.log.post("", CampaignStateChanged(name, CampaignState.STOPPED))

    def let_go(self, name: str) -> bool:
        """The next start of a paused campaign goes by the plan of then; False where it runs or has calls up."""
        dialer = self._dialers.get(name)
        if dialer is None or dialer.state not in {CampaignState.RUNNING, CampaignState.PAUSED}:
            return True
        if dialer.state is CampaignState.RUNNING or dialer.calls:
            return False
        del self._dialers[name]
        run = self._runs.pop(name, None)
        if run is not None:
            run.cancel()
        return True

    def forget(self, name: str) -> None:
        """It is no campaign any more: nobody comes into it, and one that gets its name later is another one."""
        self._setups = {other: setup for other, setup in self._setups.items() if other != name}
        self._over.pop(name, None)

    def replan(self, name: str) -> None:
        """Its plan is another one: where it is on the line, the next call goes by it. Trunk, and who talks, stay."""
        setup, dialer = self._setups.get(name), self._dialers.get(name)
        if setup is not None and dialer is not None and dialer.state in {CampaignState.RUNNING, CampaignState.PAUSED}:
            dialer.replan(setup.plan)
            self._tasks.spawn(f"plan of campaign {name}", self._decide_again(name, dialer))

    def hold(self) -> None:
        """No campaign dials any more, nor does one that is started after this; the next start of the house takes them
        up again.
        """
        self._held = True
        for dialer in self._dialers.values():
            dialer.hold()

    def state(self, name: str) -> str:
        """running, paused, stopped, finished; "" where it was not started since the service is up, nor had finished."""
        if name in self._over:
            return self._over[name].value
        dialer = self._dialers.get(name)
        return dialer.state.value if dialer else ""

    def idle(self, name: str) -> str:
        """Why a campaign that runs dials nobody, where that lies with its agents; else ""."""
        setup = self._setups.get(name)
        if setup is None or setup.agents is None or self._agents is None or self.state(name) != CampaignState.RUNNING:
            return ""
        return self._agents.idle(setup.agents.queue)

    def _refuse_stopped(self, name: str) -> None:
        if self._over.get(name) is CampaignState.STOPPED:
            raise stopped_for_good(name)

    def _why_not(self, name: str) -> str:
        """Why it cannot call as things stand, in Chinese and English; "" where it can."""
        setup = self._setups.get(name)
        return GONE if setup is None else setup.cannot

    async def _run(self, name: str, dialer: Dialer) -> None:
        self._runs[name] = asyncio.current_task()
        await dialer.run()
