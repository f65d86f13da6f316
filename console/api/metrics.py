"""``/metrics`` for Prometheus: closed unless the configuration names a token, and then for its bearer only."""

import hmac

from fastapi import APIRouter, Request, Response

from console.deps import ConsoleDeps
from console.guard import token_of
from console.problems import Problem


def metrics_router(deps: ConsoleDeps) -> APIRouter:
    """Route ``/metrics``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        wanted = deps.settings.metrics_token
        if not wanted or deps.metrics is None:
            raise Problem(404, "no metrics", mend="Set metrics_token in [http] of the configuration.", code="no_such")
        token = token_of(request)
        if token is None or not hmac.compare_digest(token.text.encode(), wanted.encode()):
            raise Problem(
                401,
                "the token of the metrics is missing or wrong",
                mend="Send Authorization: Bearer and metrics_token of the configuration.",
                code="not_signed_in",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return Response(deps.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router
