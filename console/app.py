"""The console's application: everything put together from ``ConsoleDeps``."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from console import problems
from console.api.acts import acts_router
from console.api.agent_desk import agent_desk_router
from console.api.agents import agents_router
from console.api.callbacks import callbacks_router
from console.api.calling import calling_router
from console.api.calls import calls_router
from console.api.campaign_desk import campaign_desk_router
from console.api.campaign_live import campaign_live_router
from console.api.campaigns import campaigns_router
from console.api.closed import closed_router
from console.api.config import config_router
from console.api.consult import consult_router
from console.api.contact import contact_router
from console.api.described import described_router
from console.api.dispositions import dispositions_router
from console.api.forms import forms_router
from console.api.health import health_router
from console.api.inbound import inbound_router
from console.api.interests import interests_router
from console.api.list_shares import list_shares_router
from console.api.lists import bar_lists_router, consent_lists_router, lists_router, record_lists_router
from console.api.live import live_router
from console.api.lockouts import lockouts_router
from console.api.metrics import metrics_router
from console.api.offers import offers_router
from console.api.park import park_router
from console.api.phones import phones_router
from console.api.placing import placing_router
from console.api.preview import preview_router
from console.api.probes import probes_router
from console.api.promises import promises_router
from console.api.queues import queues_router
from console.api.ratings import ratings_router
from console.api.recording_control import recording_control_router
from console.api.recordings import recordings_router
from console.api.records import records_router
from console.api.reports import reports_router
from console.api.selections import selections_router
from console.api.sent import sent_router
from console.api.session import session_router
from console.api.sip import sip_router
from console.api.staffing import staffing_router
from console.api.supervise import supervise_router
from console.api.surveys import surveys_router
from console.api.tasks import tasks_router
from console.api.told import told_router
from console.api.trace import trace_router
from console.api.tradein import tradein_router
from console.api.transfer import transfer_router
from console.api.trunks import trunks_router
from console.api.waiting import waiting_router
from console.api.wall import Walls, wall_router
from console.api.weekly import weekly_router
from console.body_limit import BodyLimit
from console.deps import ConsoleDeps
from console.feed import Feed
from console.guard import Guard
from console.security import SecurityHeaders
from console.sessions import Sessions
from console.today import TodayCount
from console.web import web_router

_ROUTERS: Final = (
    calls_router,
    recordings_router,
    recording_control_router,
    transfer_router,
    contact_router,
    records_router,
    park_router,
    consult_router,
    supervise_router,
    callbacks_router,
    waiting_router,
    reports_router,
    staffing_router,
    told_router,
    closed_router,
    inbound_router,
    weekly_router,
    ratings_router,
    dispositions_router,
    probes_router,
    tasks_router,
    acts_router,
    campaigns_router,
    campaign_desk_router,
    campaign_live_router,
    surveys_router,
    calling_router,
    promises_router,
    list_shares_router,
    lists_router,
    record_lists_router,
    consent_lists_router,
    bar_lists_router,
    sent_router,
    selections_router,
    tradein_router,
    offers_router,
    interests_router,
    phones_router,
    placing_router,
    preview_router,
    forms_router,
    queues_router,
    trace_router,
    trunks_router,
    sip_router,
    config_router,
    lockouts_router,
    wall_router,
    health_router,
)


def create_app(deps: ConsoleDeps) -> FastAPI:
    """The ASGI application. It listens to ``deps.bus`` from this moment on, so make it before the first call comes;
    its background work lives as long as its lifespan (the server must run with ``lifespan="on"``).
    """
    today = TodayCount(deps.reading, deps.clock, ZoneInfo(deps.settings.zone))
    feed = Feed(
        deps.bus,
        deps.directory,
        today,
        most_readers=deps.settings.max_live_clients,
        queue=deps.settings.event_queue,
        alarms=deps.alarm_figures,
    )
    feed.start()
    sessions = Sessions(deps.entropy, deps.settings.session_s, deps.settings.max_sessions)
    guard = Guard(sessions, deps.accounts, deps.clock)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if deps.agent_states is not None:
            feed.board.begin(await deps.agent_states.now())
        counting = asyncio.create_task(today.run(), name="console-today")
        try:
            yield
        finally:
            feed.stop()
            counting.cancel()
            await asyncio.gather(counting, return_exceptions=True)

    routers = [
        session_router(deps, guard, sessions),
        live_router(deps, guard, feed, Walls(deps, guard, feed)),
        agents_router(deps, guard, feed),
        agent_desk_router(deps, guard, feed),
        *(router(deps, guard) for router in _ROUTERS),
    ]
    others = [health_router(deps, guard, prefix=""), metrics_router(deps), web_router(deps)]
    app = FastAPI(
        title="Line400 客服中心 API",
        summary="Calls, recordings, transcripts, reports, agents, campaigns and live events of the 400 line.",
        version=deps.settings.version,
        openapi_url=None,  # made beside the event loop: console.api.described
        docs_url=None,  # the usual pages load their scripts from other sites
        redoc_url=None,
        lifespan=lifespan,
        routes=[route for router in (*routers, *others) for route in router.routes],  # as they are, not built anew
    )
    problems.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    app.include_router(described_router(app))
    app.state.reads = [path for router in routers for path in _read(router)]
    return app


def _read(router: APIRouter) -> list[str]:
    """The paths below ``router`` that can be read."""
    return [route.path for route in router.routes if isinstance(route, APIRoute) and "GET" in (route.methods or ())]
