"""The description of the API (OpenAPI). It is made when it is first asked for, in a thread: it takes a second."""

import asyncio

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import JSONResponse

from console.api import API


def described_router(app: FastAPI) -> APIRouter:
    """Route ``/openapi.json``, which describes ``app`` as it stands when it is first asked for."""
    router = APIRouter(prefix=API, include_in_schema=False)
    making = asyncio.Lock()
    made: list[bytes] = []

    @router.get("/openapi.json")
    async def document() -> Response:
        async with making:
            if not made:
                made.append(await asyncio.to_thread(lambda: bytes(JSONResponse(app.openapi()).body)))
        return Response(made[0], media_type="application/json")

    return router
