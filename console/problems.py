"""Errors as problem details (RFC 9457): what is wrong, where, and how to mend it, in ``application/problem+json``."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from core.errors import ChangedSince, LocalProtocolError, ParseError, Unavailable

_BOUNDS = {
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "too_long": "at most {max_length} items",
    "too_short": "at least {min_length} items",
}
"""The bound that was broken, by the kind of fault (pydantic's names)."""
_MEND_BY_STATUS = {
    404: "Check the address; GET /api/v1/openapi.json lists what there is.",
    405: "Use one of the methods that the Allow header names.",
    413: "Send less at once.",
}


class Problem(Exception):  # noqa: N818 - the RFC's word
    """Ends a request with ``status``. ``title``: what is wrong; ``where``: the field; ``mend``: what to do; ``more``
    stands beside them.
    """

    def __init__(
        self,
        status: int,
        title: str,
        *,
        mend: str = "",
        where: str = "",
        code: str = "",
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.mend = mend
        self.where = where
        self.code = code
        self.headers = dict(headers or {})
        self.more = dict(more or {})


def not_found(what: str, name: str) -> Problem:
    """404 for a ``what`` (call, agent, …) that is not there."""
    return Problem(
        404, f"no {what} {name!r}", where=what, mend=f"Take the id from the list of {what}s.", code="no_such"
    )


@contextlib.contextmanager
def in_words(code: str, *, invalid: str = "", mend: str = "") -> Iterator[None]:
    """409 with the words of whoever refuses: they say what to do, in both languages. ``code`` is the problem's, but
    where somebody else has changed it meanwhile. Where ``invalid`` is a code, faults of what was sent are told in their
    own words too, by 422 with that code and ``mend``.
    """
    try:
        yield
    except ParseError as error:
        if not invalid:
            raise
        title = str(error).removeprefix(f"{error.where}: ")
        raise Problem(422, title, where=error.where, mend=mend, code=invalid) from None
    except LocalProtocolError as error:
        told = "changed_since" if isinstance(error, ChangedSince) else code
        raise Problem(409, str(error), code=told) from None


def problem_response(problem: Problem, instance: str) -> JSONResponse:
    """The answer that tells ``problem``, met at address ``instance``."""
    body: dict[str, object] = {
        "type": f"urn:line400:problem:{problem.code}" if problem.code else "about:blank",
        "title": problem.title,
        "status": problem.status,
        "instance": instance,
    }
    if problem.where:
        body["where"] = problem.where
    if problem.mend:
        body["mend"] = problem.mend
    body |= problem.more
    return JSONResponse(body, problem.status, problem.headers, "application/problem+json")


def _mend(fault: Mapping[str, Any]) -> str:
    """What to do about a fault that pydantic found."""
    bound = _BOUNDS.get(fault["type"])
    if bound is None:
        return "Mend the field named in 'where' and try again."
    return f"Let the field named in 'where' be {bound.format(**fault['ctx'])}."


def _place(fault: Mapping[str, Any], body: object) -> list[object]:
    """Where the fault is, without the names of the kinds that pydantic has tried there."""
    source, *path = fault["loc"]
    if source != "body" or body is None:  # what is no JSON body, or was read by its own route, cannot be looked into
        return [source, *path]
    found: list[object] = [source]
    for part in path:
        inside = (isinstance(body, dict) and part in body) or (isinstance(body, list) and isinstance(part, int))
        if not inside and fault["type"] != "missing":
            break
        found.append(part)
        body = body[part] if inside else None  # type: ignore[index]
    return found


def install(app: FastAPI) -> None:
    """Make ``app`` answer its errors as problem details."""

    async def on_problem(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)
        return problem_response(error, request.url.path)

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        mend = _MEND_BY_STATUS.get(error.status_code, "")
        problem = Problem(error.status_code, str(error.detail), mend=mend, headers=error.headers)
        return problem_response(problem, request.url.path)

    async def on_invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        where = ".".join(str(part) for part in _place(first, error.body))
        problem = Problem(422, str(first["msg"]), where=where, mend=_mend(first), code="invalid")
        return problem_response(problem, request.url.path)

    async def on_domain(request: Request, error: Exception) -> JSONResponse:
        if isinstance(error, ParseError):
            problem = Problem(422, str(error), where=error.where, code="invalid")
        elif isinstance(error, LocalProtocolError):
            problem = Problem(
                409, str(error), mend="Look at the present state and try again.", code="not_in_this_state"
            )
        else:
            problem = Problem(503, str(error), mend="Try again shortly.", code="unavailable")
        return problem_response(problem, request.url.path)

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)
    for kind in (ParseError, LocalProtocolError, Unavailable):
        app.add_exception_handler(kind, on_domain)
