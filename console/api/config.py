"""The configuration of the running house: read again by wish of an admin."""

import contextlib
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends

from console.api import API
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.operation_views import ReloadView
from console.problems import Problem
from console.sessions import Session
from core.errors import ConfigError


def config_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/config/reload`` and ``/config/changes``."""
    router = APIRouter(prefix=API, tags=["config"])

    @router.post("/config/reload", summary="重新读取配置 Reload the configuration")
    async def reload(session: Annotated[Session, Depends(guard.user)]) -> ReloadView:
        """No call ends. A file with a fault changes nothing: 422 says what is wrong where."""
        need_role(session, "admin")
        with told_faults():
            return await deps.config.reload(session.name)

    @router.get("/config/changes", summary="配置的变更 What a reload would change")
    async def changes(session: Annotated[Session, Depends(guard.user)]) -> ReloadView:
        """As a reload, but nothing is changed: keys that would hold at once, and those that wait for a restart."""
        need_role(session, "admin")
        with told_faults():
            return await deps.config.changes()

    return router


@contextlib.contextmanager
def told_faults() -> Iterator[None]:
    """Faults of the file as a 422."""
    try:
        yield
    except ConfigError as error:
        raise Problem(
            422,
            "\n".join(error.problems),
            mend="Mend the configuration, try it with `line400 check`, and reload again. Nothing has changed.",
            code="config",
        ) from None
