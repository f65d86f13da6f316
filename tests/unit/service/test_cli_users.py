import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli import app


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line400.toml").write_text('[[agent]]\nid = "8001"\npassword = "x"\n', encoding="utf-8")


def users(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["users", *arguments])


def password_in(result: Result) -> str:
    found = re.search(r": (\S+)\n", result.stdout)
    assert found, result.output
    return found[1]


def test_users_get_a_role_and_a_password_shown_once() -> None:
    assert password_in(users("add", "banzhang", "--role", "supervisor"))
    assert password_in(users("add", "8001", "--role", "agent"))
    assert password_in(users("add", "wangfang", "--role", "agent", "--agent", "8001"))
    assert password_in(users("add", "zuzhang", "--role", "supervisor", "--agent", "8001"))
    assert users("list").stdout.splitlines() == [
        "8001  agent  8001", "banzhang  supervisor", "wangfang  agent  8001", "zuzhang  supervisor  8001",
    ]  # fmt: skip


def test_a_known_user_gets_another_role_and_keeps_the_password() -> None:
    users("add", "li")
    changed = users("add", "li", "--role", "supervisor")
    assert changed.exit_code == 0
    assert "supervisor from the next sign-in" in changed.stdout
    assert users("list").stdout == "li  supervisor\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("add", "zhang", "--role", "agent"), "there is no [[agent]] 'zhang'; configured are: 8001"),
        (("add", "zhang", "--agent", "8001"), "--agent is for agents, supervisors and admins"),
        (("add", "zhang", "--role", "supervisor", "--agent", "8009"), "there is no [[agent]] '8009'"),
        (("passwd", "nobody"), "there is no user 'nobody'"),
        (("add", ""), "not a name for a user: ''"),
        (("add", "a b"), "not a name for a user: 'a b'"),
        (("add", "a\nb"), "not a name for a user"),
        (("add", "x" * 65), "1 to 64 letters"),
        (("remove", "nobody"), "there is no user 'nobody'"),
    ],
)
def test_what_cannot_be_is_said(arguments: tuple[str, ...], complaint: str) -> None:
    result = users(*arguments)
    assert result.exit_code == 1
    assert complaint in result.stderr
    assert users("list").stdout == ""


def test_passwords_are_set_anew_and_users_removed() -> None:
    first = password_in(users("passwd"))
    assert first != password_in(users("passwd", "admin"))
    for kept in (users("remove", "admin"), users("add", "admin", "--role", "viewer")):
        assert kept.exit_code == 1
        assert "admin is the last admin" in kept.stderr
    assert users("add", "王芳", "--role", "admin").exit_code == 0
    assert users("remove", "admin").exit_code == 0
    assert users("list").stdout == "王芳  admin\n"
