import json
import shutil
import sqlite3
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from campaigns.plan_facts import CampaignOrdered
from core.bus import MemoryLog
from core.clock import VirtualClock
from core.errors import ConfigError, LocalProtocolError, ParseError
from service.cli import app
from service.cli_campaign import chosen
from service.cli_report import period
from service.config_model import CampaignConfig, Config
from service.orders import PAUSE, START, STOP, carry_out, order

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = 1_780_286_400.0  # 2026-06-01 12:00 in Shanghai
DAY = 86400.0
CONFIG = """
[[trunk]]
name = "carrier"
host = "127.0.0.1"
[[agent]]
id = "8001"
password = "x"
[[campaign]]
name = "visits"
trunk = "carrier"
caller_id = "4008001234"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line400.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def line400(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_version_and_help() -> None:
    assert json.loads(line400("version", "--json").stdout)["line400"]
    assert "campaign" in line400("--help").stdout


def test_check_says_what_is_wrong_and_where(home: Path) -> None:
    assert line400("check").exit_code == 0
    (home / "line400.toml").write_text("[http]\nprot = 1\n", encoding="utf-8")
    result = line400("check")
    assert result.exit_code == 2
    assert "line400.toml:2: http.prot: unknown key; did you mean 'port'?" in result.stderr


def test_which_numbers_may_be_called_and_why_not(home: Path) -> None:
    usual = line400("may-call", "13800138000", "4008001234")
    assert usual.exit_code == 0 and usual.stdout.count("可以 may be called") == 2
    abroad = line400("may-call", "0085221234567")
    assert abroad.exit_code == 1
    assert "+85221234567 · 境外 abroad · 不可以 may not be called: it is abroad" in abroad.stdout
    with (home / "line400.toml").open("a", encoding="utf-8") as file:
        file.write('[dialling]\nallowed = ["00852"]\n')
    assert "(allowed: 00852)" in line400("may-call", "0085221234567").stdout
    text = (home / "line400.toml").read_text("utf-8")
    (home / "line400.toml").write_text(text.replace("00852", "Hong Kong"), "utf-8")
    assert "dialling.allowed: 'Hong Kong': must be how numbers begin" in line400("check").stderr


@pytest.mark.parametrize(
    ("model", "said"),
    [("whisper-base", "run `line400 models install whisper-base`"), ("nope", "'nope': there is no such model or path")],
)
def test_check_misses_the_model_that_is_configured(
    home: Path, monkeypatch: pytest.MonkeyPatch, model: str, said: str
) -> None:
    monkeypatch.delenv("LINE400_MODELS", raising=False)
    (home / "line400.toml").write_text(f'{CONFIG}[asr]\nmodel = "{model}"\n', encoding="utf-8")
    result = line400("check")
    assert result.exit_code == 2
    assert said in result.stderr
    assert line400("models", "list").exit_code == 0


def _a_refusal_comes_out_and_goes_in(home: Path) -> None:
    """On another system: one number refused, one refused and listed, one listed, one of no kind that there is."""
    (home / "var").rename(home / "here")
    heading = "号码 number,原因 kind,方式 how\n"
    rows = "+8613800138000,refused,key\n+8613800138001,refused,agent\n+8613800138001,listed,import\n95555,,\n"
    (home / "all.csv").write_text(f"{heading}{rows}13800138002,sold,\n", encoding="utf-8-sig")
    taken = line400("do-not-call", "import", "all.csv").stdout
    assert "added: 4    已有 / known: 0    拒绝 / rejected: 1" in taken and "line 6: 原因须为" in taken, taken
    assert line400("do-not-call", "export", "there.csv").exit_code == 0
    written = (home / "there.csv").read_text("utf-8-sig").splitlines()
    assert written[0].startswith("号码 number,原因 kind,")
    assert {tuple(row.split(",")[:2]) for row in written[1:]} == {
        ("+8613800138000", "refused"), ("+8613800138001", "refused"), ("+8613800138001", "listed"), ("95555", "listed"),
    }  # fmt: skip
    assert "added: 0    已有 / known: 4    拒绝 / rejected: 0" in line400("do-not-call", "import", "there.csv").stdout
    shutil.rmtree(home / "var")
    (home / "here").rename(home / "var")


def test_numbers_not_to_be_called_and_the_ledger(home: Path) -> None:
    (home / "never.csv").write_text("号码,备注\n138 0013 8000,投诉\n021-55550100,\nabc,\n", encoding="gb18030")
    result = line400("do-not-call", "import", "never.csv")
    assert result.exit_code == 0, result.output
    assert "added: 2    已有 / known: 0    拒绝 / rejected: 1" in result.stdout and "line 4" in result.stdout
    assert line400("do-not-call", "export", "out.csv").exit_code == 0
    assert "known: 2" in line400("do-not-call", "import", "out.csv").stdout, "what comes out goes in"
    _a_refusal_comes_out_and_goes_in(home)
    (home / "empty.csv").write_text("电话\nabc\n", encoding="utf-8")
    assert line400("do-not-call", "import", "empty.csv").exit_code == 1
    verified = json.loads(line400("ledger", "verify", "--json").stdout)
    assert (verified["lines"], verified["broken_at"]) == (2, None)
    assert line400("ledger", "verify", "--head", verified["head"]).exit_code == 0
    assert line400("ledger", "verify", "--head", "f" * 64).exit_code == 1
    with sqlite3.connect(home / "var/line400.db") as database:
        database.execute("UPDATE number_bars SET kind = 'refused'")
    differs = line400("ledger", "verify")
    assert differs.exit_code == 1 and "+86138****8000: kind is 'refused', by the ledger 'listed'" in differs.output
    with sqlite3.connect(home / "var" / "line400.db") as database:
        database.execute("UPDATE ledger SET text = replace(text, '+8613800138000', '+8613800138001')")
    broken = line400("ledger", "verify")
    assert broken.exit_code == 1 and "broken at line 1" in broken.stderr


def test_consents_by_a_list(home: Path) -> None:
    rows = "手机号,同意日期,方式,凭证\n138 0013 8000,2026-05-01,书面,合同 2026-7\n13900139000,昨天,网上,表单 8\n"
    (home / "agreed.csv").write_text(rows, encoding="gb18030")
    looked = line400("consent", "import", "agreed.csv", "--purpose", "promotion", "--dry-run")
    assert looked.exit_code == 0, looked.output
    assert "gb18030" in looked.stdout and "would be accepted: 1    拒绝 / rejected: 1" in looked.stdout
    assert json.loads(line400("ledger", "verify", "--json").stdout)["lines"] == 0, "nothing is taken in yet"
    taken = line400("consent", "import", "agreed.csv", "--purpose", "promotion")
    assert taken.exit_code == 0 and "accepted: 1    拒绝 / rejected: 1" in taken.stdout and "line 3" in taken.stdout
    assert "13900139000,昨天" in (home / "agreed.rejects.csv").read_text("utf-8-sig")
    again = line400("consent", "import", "agreed.csv", "--purpose", "promotion")
    assert again.exit_code == 1 and "on record already" in again.stdout
    verified = json.loads(line400("ledger", "verify", "--json").stdout)
    assert (verified["lines"], verified["broken_at"]) == (1, None)
    (home / "bare.csv").write_text("手机号,姓名\n13800138000,王\n", encoding="utf-8")
    bare = line400("consent", "import", "bare.csv", "--purpose", "promotion")
    assert bare.exit_code == 1 and "同意凭证 (evidence)" in bare.stderr
    assert line400("consent", "import", "absent.csv").exit_code == 1


def test_import_report_and_results(home: Path) -> None:
    (home / "list.csv").write_text("姓名,电话\n张三,13800138000\n李四,abc\n", encoding="gb18030")
    look = line400("campaign", "import", "list.csv", "--dry-run")
    assert look.exit_code == 0, look.output
    assert "GB18030 (GBK)" in look.stdout and "would be accepted: 1" in look.stdout
    assert "手机 mobile 1" in look.stdout and "号码无效 no phone number 1" in look.stdout
    assert [file.name for file in home.glob("list*")] == ["list.csv"]
    assert line400("campaign", "import", "list.csv", "--dry-run", "--encoding", "utf-8-sig").exit_code == 1
    result = line400("campaign", "import", "list.csv")
    assert result.exit_code == 0, result.output
    assert "accepted: 1" in result.stdout
    assert "line 3" in result.stdout
    assert "名单 / contacts 1  已拨 / tried 0  待拨 / pending 1" in line400("campaign", "list").stdout
    with sqlite3.connect(home / "var/line400.db") as database:
        database.execute("UPDATE campaigns SET state = 'paused', why = '线路断了 / the trunk failed'")
    assert "完成 / done 0  线路断了 / the trunk failed" in line400("campaign", "list").stdout
    shared = line400("campaign", "lists", "visits", "--list", "1", "--weight", "3", "--quota", "9").stdout
    assert "名单 / contacts 1  配比 / weight 3  完成 / completed 0  上限 / quota 9" in shared
    assert line400("campaign", "lists", "visits", "--list", "7").exit_code != 0
    assert line400("campaign", "results", "visits", "-o", "r.csv").exit_code == 0
    assert "1,张三,+8613800138000,pending,待拨 Pending,," in (home / "r.csv").read_text(encoding="utf-8-sig")
    assert line400("campaign", "results", "visits", "-o", "r.xlsx").exit_code == 0
    other = line400("campaign", "results", "visits", "-o", "r.pdf")
    assert other.exit_code == 2 and "只能写成" in other.stderr and not (home / "r.pdf").exists()
    assert (home / "r.xlsx").read_bytes()[:2] == b"PK"
    assert "序号 contact,姓名 name,号码 number" in line400("campaign", "results", "visits").stdout
    report = json.loads(line400("report", "--format", "json").stdout)
    assert report["total"]["offered"] == 0
    assert "接通率" in line400("report").stdout
    assert line400("report", "--format", "xlsx").exit_code == 2
    assert line400("report", "--format", "xlsx", "-o", "r.xlsx").exit_code == 0
    assert (home / "r.xlsx").read_bytes()[:2] == b"PK"
    assert line400("report", "--from", "soon").exit_code == 1
    assert "90%" in line400("told").stdout
    assert json.loads(line400("told", "--format", "json").stdout)[0]["told"] == 0
    assert line400("told", "--format", "csv").stdout.startswith("queue,told,answered,unknown,inside_share")
    assert line400("told", "--format", "xlsx").exit_code == 2
    assert line400("told", "--format", "xlsx", "-o", "told.xlsx").exit_code == 0
    assert (home / "told.xlsx").read_bytes()[:2] == b"PK"
    assert line400("told", "-o", "missing/told.csv").exit_code == 1
    assert line400("told", "--from", "soon").exit_code == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--from", "9999-12-31"), "years 1971 to 9000"),
        (("--from", "0001-01-01", "--fill"), "years 1971 to 9000"),
        (("--from", "1980-01-01", "--to", "2026-01-01", "--fill"), "shorter period"),
        (("--threshold", "nan"), "--threshold"),
        (("--threshold=-5",), "--threshold"),
        (("--queue", "nope"), "no queue 'nope'"),
        (("--format", "csv", "-o", "missing/r.csv"), "missing/r.csv"),
    ],
)
def test_a_report_that_cannot_be_is_told_plainly(home: Path, wrong: tuple[str, ...], said: str) -> None:
    result = line400("report", *wrong)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert said in result.stderr


def test_reports_use_each_queues_own_threshold(home: Path) -> None:
    queues = (
        '[[queue]]\nname = "a"\nservice_level_s = 10\n[[queue]]\nname = "b"\n[[number]]\nnumber = "*"\nto = "queue:a"\n'
    )
    (home / "line400.toml").write_text(CONFIG + queues, encoding="utf-8")

    def threshold(*more: str) -> object:
        return json.loads(line400("report", "--format", "json", *more).stdout)["total"]["threshold_s"]

    assert [threshold(), threshold("--queue", "a"), threshold("--queue", "b")] == [None, 10.0, 20.0]
    assert threshold("--threshold", "30") == 30.0
    assert " T ┃" in line400("report").stdout
    assert " T ┃" not in line400("report", "--threshold", "30").stdout


def test_results_into_a_missing_folder(home: Path) -> None:
    result = line400("campaign", "results", "visits", "-o", "missing/r.csv")
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "missing/r.csv" in result.stderr


def test_an_import_that_takes_nothing_in_fails(home: Path) -> None:
    (home / "list.csv").write_text("姓名,电话\n张三,138\n", encoding="utf-8")
    result = line400("campaign", "import", "list.csv")
    assert result.exit_code == 1
    assert "line 2" in result.stdout
    assert "没有可导入的行 / no row can be taken in" in result.stderr
    again = line400("campaign", "import", "list.csv", "--rejects", "list.csv")
    assert again.exit_code == 1
    assert "the list itself" in again.stderr
    assert (home / "list.csv").read_text(encoding="utf-8") == "姓名,电话\n张三,138\n"


def test_results_of_a_campaign_that_is_not(home: Path) -> None:
    result = line400("campaign", "results", "visit", "-o", "r.csv")
    assert result.exit_code == 2
    assert "'visit'; known are: visits" in result.stderr
    assert not (home / "r.csv").exists()
    assert line400("campaign", "results", "visits").exit_code == 0, "configured, with no contacts yet"


def test_users(home: Path) -> None:
    assert "new password of admin: " in line400("users", "passwd").stdout
    assert "admin  admin" in line400("users", "list").stdout


def test_period() -> None:
    midnight = NOON - DAY / 2
    assert period("", "", SHANGHAI, NOON) == (midnight, midnight + DAY)
    assert period("2026-05-31", "", SHANGHAI, NOON) == (midnight - DAY, midnight)
    assert period("2026-06-01T08:30", "2026-06-01T09:00+08:00", SHANGHAI, NOON) == (NOON - 12600, NOON - 10800)
    for since, until in (("x", ""), ("2026-06-02", "2026-06-01"), ("", "2020-01-01")):
        with pytest.raises(ParseError):
            period(since, until, SHANGHAI, NOON)


def test_which_campaign_is_meant() -> None:
    one = Config(campaigns=(CampaignConfig("a", "t", "1"),))
    assert chosen(one, "") == "a"
    assert chosen(one, "a") == "a"
    with pytest.raises(ConfigError, match="known are: a"):
        chosen(one, "b")
    with pytest.raises(ConfigError, match="--campaign is needed"):
        chosen(Config(), "")


class Values:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def put(self, key: str, value: str) -> None:
        self.kept[key] = value


class Campaigns:
    def __init__(self) -> None:
        self.done: list[str] = []

    async def start(self, name: str) -> None:
        self.done.append(f"start {name}")

    def pause(self, name: str) -> None:
        self.done.append(f"pause {name}")
        raise LocalProtocolError("is not running")

    async def stop(self, name: str) -> None:
        self.done.append(f"stop {name}")


async def test_an_order_is_carried_out_once() -> None:
    values, campaigns, log = Values(), Campaigns(), MemoryLog(VirtualClock())
    await order(values, "a", START)
    await order(values, "b", PAUSE)
    await order(values, "c", STOP)
    await order(values, "unknown", START)
    for _ in range(2):
        await carry_out(values, campaigns, ["a", "b", "c"], log)
    assert campaigns.done == ["start a", "pause b", "stop c"]
    assert [(it.campaign, it.what, it.by, it.refused) for it in log.facts(CampaignOrdered)] == [
        ("a", "start", "", ""), ("b", "pause", "", "is not running"), ("c", "stop", "", ""),
    ]  # fmt: skip


def test_models_without_a_network(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINE400_MODELS", raising=False)
    listed = line400("models", "list").stdout
    assert "vosk-model-small-cn-0.22" in listed
    assert "无 / none" in listed
    result = line400("models", "install", "no-such-model")
    assert result.exit_code == 1
    assert "no-such-model" in result.stderr
    assert line400("models", "install", str(home)).exit_code == 1
    assert "holds no whole model" in line400("models", "install", "..").stderr
    assert not (home / "var" / "models").exists(), "nothing was copied"
    source = home / "mine"
    source.mkdir()
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (source / name).write_text("x", encoding="utf-8")
    assert line400("models", "install", str(source)).exit_code == 0
    assert (home / "var" / "models" / "mine" / "model.bin").exists()
    assert "used unless configured: mine" in line400("models", "list").stdout


@pytest.mark.parametrize(
    ("command", "rows"),
    [
        (
            ("consent", "import", "list.csv", "--purpose", "promotion"),
            "手机号,同意日期,方式,凭证\n{},2026-05-01,书面,合同 2026-7\n",
        ),
        (("records", "import", "list.csv", "--kind", "complaints"), "手机号,日期,内容\n{},2026-05-01,异响\n"),
        (("do-not-call", "import", "list.csv"), "手机号,备注\n{},投诉\n"),
    ],
)
def test_a_stray_quotation_mark_is_named_by_line_in_every_list(home: Path, command: tuple[str, ...], rows: str) -> None:
    heading, row = rows.splitlines()
    numbers = ["13700000001", '"13700000002', "13700000003", '"13700000004', "13700000005"]
    (home / "list.csv").write_text("\n".join([heading, *map(row.format, numbers)]), encoding="utf-8")
    done = line400(*command)
    assert done.exit_code == 0 and "拒绝 / rejected: 3" in done.stdout, done.output
    for line in (3, 4, 5):
        assert f"line {line}: 引号在第 3 行打开，到第 5 行才关闭" in done.stdout
