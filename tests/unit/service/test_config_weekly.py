"""The weekly report and the mail server in the configuration: what may be written, and what is refused."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from service.config import read_config
from service.weekly_plan import mail_server, weekly_plan

REST = """
[[agent]]
id = "101"
name = "王芳"
password = "k7Fq2mWz9pLx"
[[number]]
number = "*"
to = "queue:sales"
[[queue]]
name = "sales"
title = "购车咨询"
agents = ["101"]
service_level_s = 15
"""
MAIL = '[mail]\nhost = "smtp.example.com"\nsender = "line@example.com"\n'


def test_everything_that_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush")
    (tmp_path / "ca.pem").write_text("x")
    (tmp_path / "hei.ttf").write_bytes(b"\x00\x01\x00\x00")
    path = tmp_path / "line400.toml"
    path.write_text(
        MAIL
        + """port = 2525
security = "tls"
user = "line"
password_file = "secret"
tls_authorities = "ca.pem"
timeout_s = 5
[weekly_report]
when = "周一 07:30"
queues = ["sales"]
folder = "weekly"
to = ["boss@example.com", "ops@example.com"]
numbers = "whole"
font = "hei.ttf"
"""
        + REST,
        "utf-8",
    )
    loaded = read_config(path, {})
    assert loaded.warnings == ()
    plan = weekly_plan(loaded.config)
    assert (plan.when, plan.folder) == ("30 7 * * 1", tmp_path / "weekly")
    content = plan.content
    assert (content.queues, content.members, content.whole_numbers) == (("sales",), frozenset({"101"}), True)
    assert (content.thresholds, dict(content.titles), dict(content.names)) == (
        (("sales", 15.0),), {"sales": "购车咨询"}, {"101": "王芳"},
    )  # fmt: skip
    server = plan.server
    assert server is not None and (server.port, server.security, server.user) == (2525, "tls", "line")
    assert server.password_file == tmp_path / "secret" and content.font == tmp_path / "hei.ttf"


def test_what_holds_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "line400.toml"
    path.write_text(REST, "utf-8")
    config = read_config(path, {}).config
    plan = weekly_plan(config)
    assert (plan.when, plan.server, plan.content.queues, plan.content.members) == ("", None, (), None)
    assert plan.folder == tmp_path / "var" / "reports"
    with pytest.raises(ConfigError, match=r"weekly_report\.to"):
        mail_server(config)


def test_the_password_may_come_from_the_environment_and_the_port_is_the_usual(tmp_path: Path) -> None:
    path = tmp_path / "line400.toml"
    text = MAIL + 'user = "line"\npassword = "env:MAIL"\n[weekly_report]\nto = "boss@example.com"\n'
    path.write_text(text + REST, "utf-8")
    server = mail_server(read_config(path, {"MAIL": "hush"}).config)
    assert (server.password, server.port, server.to) == ("hush", 587, ("boss@example.com",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[weekly_report]\nwhen = "monday"\n', 'weekly_report.when: .*such as "mon 07:00"'),
        ('[weekly_report]\nwhen = "mon 25:00"\n', "weekly_report.when"),
        ('[weekly_report]\nwhen = "0 7 30 2 *"\n', "no cron expression"),
        ('[weekly_report]\nqueues = ["sale"]\n', "there is no queue 'sale'"),
        ('[weekly_report]\nto = ["boss"]\n', "'boss' is no address of mail"),
        ('[weekly_report]\nto = ["boss@example.com"]\n', r"needs \[mail\] host"),
        ('[weekly_report]\nnumbers = "all"\n', "must be masked or whole"),
        ('[weekly_report]\nfont = "none.ttf"\n', "there is no file"),
        ('[weekly_report]\nfont = "line400.toml"\n', "is no TrueType font"),
        ('[mail]\nhost = "smtp.example.com"\n', "mail.host: needs sender"),
        ('[mail]\nhost = "smtp.example.com:25"\n', "without a port"),
        (MAIL + 'user = "line"\n', "mail.user: needs password"),
        (MAIL + 'user = "line"\npassword = "口令"\n', "plain ASCII"),
        (MAIL + 'user = "line"\npassword = "x"\nsecurity = "off"\n', "in the open"),
        (MAIL + 'password = "x"\npassword_file = "line400.toml"\n', "leave one of them out"),
        (MAIL + 'security = "ssl"\n', "must be one of starttls, tls, off"),
        (MAIL + "port = 70000\n", "mail.port"),
        (MAIL + "timeout_s = 0\n", "mail.timeout_s"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "line400.toml"
    path.write_text(text + REST, "utf-8")
    with pytest.raises(ConfigError, match=said) as refused:
        read_config(path, {})
    assert len(refused.value.problems) == 1
