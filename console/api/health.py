"""Whether the house stands."""

from typing import Final

from fastapi import APIRouter, Request, Response

from console.api import API
from console.deps import ConsoleDeps
from console.guard import Guard
from console.views import HealthView

_WORST: Final = ("ok", "off", "degraded", "down")


def _known(state: str) -> str:
    return state if state in _WORST else "degraded"


def health_router(deps: ConsoleDeps, guard: Guard, prefix: str = API) -> APIRouter:
    """Route ``/health`` below ``prefix``."""
    router = APIRouter(prefix=prefix, tags=["health"], include_in_schema=bool(prefix))
    started_at = deps.clock.now()

    @router.get("/health", summary="系统状态 Health")
    async def health(request: Request, response: Response) -> HealthView:
        """200 while calls can be taken, 503 where a part is down. The parts are named to those who are signed in."""
        components = list(await deps.health.components())
        worst = max((_known(part.state) for part in components), key=_WORST.index, default="ok")
        status = "ok" if worst == "off" else worst
        if status == "down":
            response.status_code = 503
        now = deps.clock.now()
        shown = components if await guard.find(request, prolong=False) else []
        return HealthView(status, deps.settings.version, now, now - started_at, shown)

    return router
