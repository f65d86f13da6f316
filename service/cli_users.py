"""``line400 users``: who may sign in to the console, in which role."""

import asyncio
import os
import re
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Final

import typer

from console.accounts import reset_password
from console.from_store import StoredAccounts
from console.passwords import fresh_password, hash_password
from core.errors import LocalProtocolError
from service.cli_common import ConfigOption, out
from service.cli_store import with_store
from service.config_model import Config
from store.rows import Account
from store.store import Store

_NAME: Final = re.compile(r"[\w.@-]{1,64}")
"""Of any script; an agent's id is one too."""

users_app = typer.Typer(no_args_is_help=True, add_completion=False)


class UserRole(StrEnum):
    """What an account may do; ``docs/console.md`` says what each sees."""

    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    AGENT = "agent"
    VIEWER = "viewer"


Name = Annotated[str, typer.Argument(help="用户名 / name")]


@users_app.command("add")
def add(
    name: Name,
    role: Annotated[UserRole, typer.Option(help="角色 / role")] = UserRole.VIEWER,
    agent: Annotated[
        str,
        typer.Option(
            help="坐席号：坐席默认同用户名；班长、管理员用它的话机督导 / "
            "the agent's id (default for role agent: the name); the phone that supervisors and admins listen at"
        ),
    ] = "",
    config: ConfigOption = None,
) -> None:
    """添加用户，或改变其角色 / Add a user with a fresh password, shown once; a known one only gets the role."""

    async def work(loaded: Config, store: Store) -> str | None:
        if not _NAME.fullmatch(name):
            raise LocalProtocolError(
                f"not a name for a user: {name[:64]!r}; write 1 to 64 letters, digits, '.', '_', '-', '@'"
            )
        who = _agent(loaded, name, role, agent)
        known = await store.accounts.find(name)
        if known is not None:
            if role is not UserRole.ADMIN:
                await _keep_an_admin(store, name)
            await store.accounts.put(replace(known, role=role.value, agent=who))
            return None
        password = fresh_password(os.urandom)
        hashed = await asyncio.to_thread(hash_password, password, os.urandom(16))
        await store.accounts.put(Account(name, role.value, hashed, who, must_change=True))
        return password

    password = with_store(config, work)
    if password is None:
        out.print(f"{name} 已是 {role}；下次登录生效 / {name} is {role} from the next sign-in on")
    else:
        out.print(f"{name}（{role}）的密码 / password of {name} ({role}): {password}")


@users_app.command("passwd")
def passwd(name: Annotated[str, typer.Argument(help="用户名 / name")] = "admin", config: ConfigOption = None) -> None:
    """重设密码 / Give a user a fresh password and show it once."""

    async def work(_: Config, store: Store) -> str:
        if name != UserRole.ADMIN and await store.accounts.find(name) is None:
            raise _nobody(name)
        return await reset_password(StoredAccounts(store.accounts), name, os.urandom)

    password = with_store(config, work)
    out.print(f"{name} 的新密码 / new password of {name}: {password}")


@users_app.command("remove")
def remove(name: Name, config: ConfigOption = None) -> None:
    """删除用户 / Remove a user."""

    async def work(_: Config, store: Store) -> None:
        await _keep_an_admin(store, name)
        if not await store.accounts.remove(name):
            raise _nobody(name)

    with_store(config, work)
    out.print(f"已删除 {name}，已登录的页面最迟在服务重启后失效 / {name} is removed; a restart ends open sessions")


@users_app.command("list")
def list_users(config: ConfigOption = None) -> None:
    """列出用户 / List the users and their roles."""

    async def work(_: Config, store: Store) -> list[str]:
        return [f"{item.name}  {item.role}  {item.agent}".rstrip() for item in await store.accounts.list()]

    for line in with_store(config, work):
        out.print(line)


def _agent(config: Config, name: str, role: UserRole, agent: str) -> str:
    """The agent whose account it is, "" where it is none's; ``LocalProtocolError`` where there is no such agent."""
    if role is UserRole.VIEWER and agent:
        raise LocalProtocolError(f"--agent is for agents, supervisors and admins, not for a {role}")
    if role is not UserRole.AGENT and not agent:
        return ""
    wanted = agent or name
    ids = [item.id for item in config.agents]
    if wanted not in ids:
        raise LocalProtocolError(f"there is no [[agent]] {wanted!r}; configured are: {', '.join(ids) or 'none'}")
    return wanted


async def _keep_an_admin(store: Store, name: str) -> None:
    """``LocalProtocolError`` where ``name`` is the only admin, who must stay one."""
    admins = [item.name for item in await store.accounts.list() if item.role == UserRole.ADMIN]
    if admins == [name]:
        raise LocalProtocolError(f"{name} is the last admin; make another first: `line400 users add NAME --role admin`")


def _nobody(name: str) -> LocalProtocolError:
    return LocalProtocolError(f"there is no user {name!r}; `line400 users list` names them, `users add` makes one")
