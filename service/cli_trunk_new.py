"""``line400 trunk new``: asks what a carrier has given, looks at each answer as it is given, and prints the table."""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

import typer

from core.errors import ConfigError
from service.cli_common import out
from service.config import DEFAULT_FILE, read_config
from service.config_addresses import how_wide
from service.config_checks import CHECKS
from service.config_reader import Check

Keys: TypeAlias = dict[str, str | int | bool | list[str]]
"""A table: its keys in the order in which they are written."""
REGISTERS: Final = "register"
_YES: Final = "yes"


@dataclass(frozen=True, slots=True)
class Question:
    """One that is asked about ``key``; ``usual`` is the answer of who just presses Enter (None: there must be one)."""

    key: str
    words: str
    check: Check
    usual: str | None = None


def new() -> None:
    """问答生成中继配置 / Ask what the carrier has given, and print the table for line400.toml."""
    answers: dict[str, str] = {}
    while True:
        try:
            ask_all(answers)
        except typer.Abort:
            if answers:
                out.print(f"\n\n没有问完；已经回答的 / not all was asked; your answers:\n\n{table(keys_of(answers))}")
            raise
        text, variable = table(keys_of(answers)), variable_of(answers)
        try:
            check_table(text, variable)
        except ConfigError as error:
            for problem in error.problems:
                out.print(problem, style="red")
            out.print("再问一遍，回车保留原来的答案 / once more; Enter keeps what you said\n")
            continue
        break
    out.print(f"\n把下面几行写进 line400.toml / put these lines into line400.toml:\n\n{text}")
    if variable:
        out.print(f"密码放在环境变量里 / the password goes into the environment variable {variable}")
    out.print(f"然后 / then: line400 check && line400 trunk try {answers['name']}")


def ask_all(answers: dict[str, str]) -> None:
    """Every question, into ``answers``; what stands there already is what Enter means."""
    _ask(_NAME, answers)
    registers = typer.confirm(
        "要注册吗（运营商给了用户名和密码）/ do you register (user and password)",
        default=answers.get(REGISTERS) == _YES,
    )
    answers[REGISTERS] = _YES if registers else ""
    account = (_USER, _AUTH_USER, _PROXY) if registers else ()
    for question in (_HOST, _PORT, _TRANSPORT, *account, _SOURCES, _SHOWN, _CHANNELS):
        _ask(question, answers)


def _ask(question: Question, answers: dict[str, str]) -> None:
    usual = answers.get(question.key, question.usual)
    while True:
        given = str(typer.prompt(question.words, default=usual)).strip()
        complaint = question.check(given) if given.isprintable() else "must not hold control characters"
        if complaint is None:
            answers[question.key] = given
            return
        out.print(f"不行，再答一次 / no, once more: {complaint}", style="red")


def keys_of(answers: Mapping[str, str]) -> Keys:
    """The keys of the table; what is as usual is left out."""
    given: Keys = {key: answers[key] for key in ("name", "host") if key in answers}
    if port := int(answers.get("port", "0")):
        given["port"] = port
    if (transport := answers.get("transport", "udp")) != "udp":
        given["transport"] = transport
    if answers.get(REGISTERS):
        given |= {REGISTERS: True, "user": answers.get("user", ""), "password": f"env:{variable_of(answers)}"}
        given |= {key: answers[key] for key in ("auth_user", "proxy") if answers.get(key)}
    if sources := _listed(answers.get("sources", "")):
        given["sources"] = list(sources)
    given["caller_id"] = answers.get("caller_id", "")
    if channels := answers.get("max_calls"):
        given["max_calls"] = int(channels)
    return given


def variable_of(answers: Mapping[str, str]) -> str:
    """The environment variable that its password is taken from; "" where it has none."""
    if not answers.get(REGISTERS):
        return ""
    return f"TRUNK_{''.join(each if each.isalnum() else '_' for each in answers['name']).upper()}"


def table(keys: Mapping[str, str | int | bool | list[str]]) -> str:
    """The ``[[trunk]]`` table with these keys; texts are written as JSON, which TOML reads the same."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items() if value != ""]
    return "\n".join(["[[trunk]]", *lines]) + "\n"


def check_table(text: str, variable: str = "") -> None:
    """``ConfigError`` names what is wrong with a table as ``line400 check`` would."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "trunk.toml"
        path.write_text(text, encoding="utf-8")
        read_config(path, dict(os.environ) | {variable: "x"})


def _listed(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.replace("，", ",").split(",") if each.strip())


def _name(given: object) -> str | None:
    if given in _names_in_use():
        return f"{DEFAULT_FILE} has a trunk of that name already"
    return CHECKS["trunk", "name"](given)


def _names_in_use() -> list[object]:
    """Names of the trunks in the configuration of this folder; none where there is none that can be read."""
    try:
        trunks = tomllib.loads(DEFAULT_FILE.read_text(encoding="utf-8-sig")).get("trunk", [])
    except (OSError, ValueError, RecursionError):
        return []
    return [one.get("name") for one in trunks if isinstance(one, dict)] if isinstance(trunks, list) else []


def _whole(key: str) -> Check:
    def check(given: object) -> str | None:
        text = str(given)
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            return "must be a whole number"
        return CHECKS["trunk", key](int(text))

    return check


def _user(given: object) -> str | None:
    return CHECKS["trunk", "user"](given) if given else "must not be empty"


def _sources(given: object) -> str | None:
    sources = _listed(str(given))
    if complaint := CHECKS["trunk", "sources"](sources):
        return complaint
    wide = next((source for source in sources if how_wide(source)), "")
    return f"{wide}: strangers could call from there as this carrier; give its own addresses" if wide else None


_NAME: Final = Question("name", "名称 / name for this carrier", _name, "carrier")
_HOST: Final = Question("host", "运营商 SIP 地址或域名 / the carrier's SIP address or domain", CHECKS["trunk", "host"])
_PORT: Final = Question(
    "port", "端口，0 = 由 DNS 决定，否则 5060 / port, 0: what the DNS says, else 5060", _whole("port"), "0"
)
_TRANSPORT: Final = Question("transport", "传输 udp、tcp、tls、auto / transport", CHECKS["trunk", "transport"], "udp")
_USER: Final = Question("user", "用户名 / user", _user)
_AUTH_USER: Final = Question(
    "auth_user",
    "鉴权用户名，与用户名相同就回车（IMS：…@域名）/ name for digest, Enter where it is the user",
    CHECKS["trunk", "auth_user"],
    "",
)
_PROXY: Final = Question(
    "proxy",
    "代理服务器（SBC）地址，没有就回车 / address of an outbound proxy, Enter where there is none",
    CHECKS["trunk", "proxy"],
    "",
)
_SOURCES: Final = Question(
    "sources",
    "来电的其他地址或网段，逗号分隔，没有就回车 / other addresses or networks that it calls from",
    _sources,
    "",
)
_SHOWN: Final = Question("caller_id", "外显号码 / number to show on calls", CHECKS["trunk", "caller_id"], "")
_CHANNELS: Final = Question("max_calls", "通道数 / channels that you have rented", _whole("max_calls"), "30")
