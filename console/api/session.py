"""Signing in and out, and changing one's password."""

import asyncio
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from console.api import API
from console.deps import ConsoleDeps
from console.guard import COOKIE, Guard, same_origin, token_of
from console.passwords import MAX_LENGTH, MIN_LENGTH, hash_password
from console.ports import Role
from console.problems import Problem
from console.sessions import Session, Sessions
from console.signin import SignInCheck


class SignIn(BaseModel):
    """Name and password; ``bearer`` asks for a token in the answer instead of a cookie (for programs)."""

    name: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=MAX_LENGTH)
    bearer: bool = False


class NewPassword(BaseModel):
    """The present password and the new one."""

    old: str = Field(min_length=1, max_length=MAX_LENGTH)
    new: str = Field(min_length=MIN_LENGTH, max_length=MAX_LENGTH)


@dataclass(frozen=True, slots=True)
class SessionView:
    """Who is signed in. ``csrf`` goes into ``X-CSRF-Token`` of each change; ``token`` where a bearer was asked for."""

    name: str
    role: Role
    agent: str
    must_change: bool
    csrf: str
    expires_at: float
    token: str | None = None


def _view(session: Session, token: str | None = None) -> SessionView:
    return SessionView(
        name=session.name,
        role=session.role,
        agent=session.agent,
        must_change=session.must_change,
        csrf=session.csrf,
        expires_at=session.expires_at,
        token=token,
    )


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def session_router(deps: ConsoleDeps, guard: Guard, sessions: Sessions) -> APIRouter:
    """Routes ``/session``."""
    router = APIRouter(prefix=API, tags=["session"])
    check = SignInCheck(deps.accounts, deps.clock)

    def keep_cookie(response: Response, token: str) -> None:
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(deps.settings.session_s),
            httponly=True,
            samesite="strict",
            secure=deps.settings.secure_cookie,
            path="/",
        )

    @router.post("/session", summary="登录 Sign in")
    async def sign_in(body: SignIn, request: Request, response: Response) -> SessionView:
        """Opens a session. 401 for a wrong name or password, 429 after too many failures."""
        if not same_origin(request):
            raise Problem(403, "sign-in from another site's page", mend="Open the console itself.", code="csrf")
        account = await check.account(_address(request), body.name, body.password)
        if account is None:
            raise Problem(
                401,
                "name or password is wrong",
                where="body.password",
                mend="Check both. A forgotten password is set anew with: line400 users passwd NAME",
                code="wrong_password",
            )
        token, session = sessions.open(account, deps.clock.now())
        if body.bearer:
            return _view(session, token)
        keep_cookie(response, token)
        return _view(session)

    @router.get("/session", summary="当前登录 Who am I")
    async def who_am_i(session: Annotated[Session, Depends(guard.anyone)]) -> SessionView:
        """The present session with its CSRF token."""
        return _view(session)

    @router.delete("/session", status_code=204, summary="退出 Sign out")
    async def sign_out(
        request: Request, response: Response, _session: Annotated[Session, Depends(guard.anyone)]
    ) -> None:
        """Ends the session."""
        token = token_of(request)
        if token is not None:
            sessions.close(token.text)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")

    @router.put("/session/password", summary="修改密码 Change password")
    async def change_password(
        body: NewPassword,
        request: Request,
        response: Response,
        session: Annotated[Session, Depends(guard.anyone)],
    ) -> SessionView:
        """Changes one's own password; every other session of the account ends."""
        account = await check.account(_address(request), session.name, body.old)
        if account is None:
            raise Problem(
                403, "the present password is wrong", where="body.old", mend="Type it again.", code="wrong_password"
            )
        if body.new == body.old:
            raise Problem(
                422, "the new password is the old one", where="body.new", mend="Choose another.", code="invalid"
            )
        hashed = await asyncio.to_thread(hash_password, body.new, deps.entropy(16))
        account = replace(account, hash=hashed, must_change=False)
        await deps.accounts.put(account)
        sessions.close_all(account.name)
        token, fresh = sessions.open(account, deps.clock.now())
        came = token_of(request)
        if came is not None and came.cookie:
            keep_cookie(response, token)
            return _view(fresh)
        return _view(fresh, token)

    return router
