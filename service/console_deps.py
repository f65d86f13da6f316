"""What the console gets of the running house."""

import os
from collections.abc import Sequence
from importlib.metadata import version

from acd.distributor import Distributor
from console.deps import ConsoleDeps, ConsoleSettings
from console.ports import Account, AgentEntry, Directory, QueueEntry, Role
from console.views import Component
from core.errors import LocalProtocolError
from service.build import Built
from service.config_model import Config
from service.console_store import ConsoleCalls, ConsoleCampaigns, ConsoleEvents, ConsoleReports, ConsoleTranscripts
from service.from_config import recordings_folder
from store.accounts import Accounts
from store.rows import Account as StoredAccount


def console_deps(built: Built) -> ConsoleDeps:
    """Everything that ``create_app`` needs."""
    config, store = built.config, built.store
    threshold_s = min((queue.service_level_s for queue in config.queues), default=20.0)
    return ConsoleDeps(
        clock=built.clock,
        bus=built.bus,
        entropy=os.urandom,
        recordings=recordings_folder(config),
        accounts=ConsoleAccounts(store.accounts),
        calls=ConsoleCalls(store.calls),
        transcripts=ConsoleTranscripts(store.transcripts),
        events=ConsoleEvents(store.events),
        reports=ConsoleReports(store.reports, config.zone, threshold_s),
        campaigns=ConsoleCampaigns(store.campaigns),
        agents=ConsoleAgents(built.house.distributor, frozenset(agent.id for agent in config.agents)),
        health=HouseHealth(built),
        directory=directory_of(config),
        settings=ConsoleSettings(version=version("line400"), zone=config.zone, threshold_s=threshold_s),
    )


def directory_of(config: Config) -> Directory:
    """Queues and agents in the order of the configuration."""
    queues_of = {
        agent.id: tuple(
            queue.name for queue in config.queues if agent.id in queue.agents or queue.name in agent.queues
        )
        for agent in config.agents
    }
    return Directory(
        queues=tuple(QueueEntry(queue.name, queue.title or queue.name) for queue in config.queues),
        agents=tuple(
            AgentEntry(agent.id, agent.name or agent.id, agent.id, queues_of[agent.id]) for agent in config.agents
        ),
    )


class ConsoleAccounts:
    """``console.ports.Accounts`` over the store's."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def find(self, name: str) -> Account | None:
        """The account of that name."""
        found = await self._accounts.find(name)
        if found is None:
            return None
        return Account(found.name, _role(found.role), found.hash, found.agent, found.must_change)

    async def put(self, account: Account) -> None:
        """Keep it."""
        await self._accounts.put(
            StoredAccount(account.name, account.role, account.hash, account.agent, account.must_change)
        )

    async def count(self) -> int:
        """How many there are."""
        return await self._accounts.count()


class ConsoleAgents:
    """``console.ports.AgentControl`` over the distributor."""

    def __init__(self, distributor: Distributor, agents: frozenset[str]) -> None:
        self._distributor = distributor
        self._agents = agents

    async def set_available(self, agent: str) -> None:
        """Ready for calls."""
        self._distributor.set_available(self._known(agent))

    async def pause(self, agent: str, reason: str) -> None:
        """No calls until further notice."""
        self._distributor.pause(self._known(agent), reason)

    async def sign_out(self, agent: str) -> None:
        """Off duty."""
        self._distributor.sign_out(self._known(agent))

    def _known(self, agent: str) -> str:
        if agent not in self._agents:
            raise LocalProtocolError(f"there is no agent {agent!r} in the configuration")
        return agent


class HouseHealth:
    """``console.ports.Health``: each part of the house, the most important first."""

    def __init__(self, built: Built) -> None:
        self._built = built

    async def components(self) -> Sequence[Component]:
        """How each part is now."""
        built = self._built
        log = built.store.log.health()
        workers = len(built.media.pids)
        parts = [
            Component("database", "ok" if log.failing_since is None else "down", f"{log.last_seq} events"),
            Component("media", "ok" if workers else "down", f"{workers} workers"),
            Component(
                "recogniser",
                "ok" if built.recognisers is not None else "off",
                "" if built.recognisers is not None else "line400 models install whisper-base",
            ),
        ]
        for trunk in built.trunks.all():
            state = built.registrations.state(trunk.name)
            parts.append(Component(f"trunk {trunk.name}", state.level, f"{state.text}; {built.trunks.calls(trunk.name)} calls"))
        return parts


def _role(text: str) -> Role:
    match text:
        case "admin" | "supervisor" | "agent":
            return text
        case _:
            return "viewer"
