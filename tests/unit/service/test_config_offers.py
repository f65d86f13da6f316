"""[[offer]] in the configuration: each fault with its line and key; a reload brings new ones."""

from datetime import date
from pathlib import Path

import pytest

from core.errors import ConfigError
from desk.offers import Offer
from service.config import read_config
from service.config_changes import changes, renewed

FIRST = "[[offer]]\nname='a'\nto='b'\n"
DAYS = "since=2026-01-01\nuntil=2026-12-31\n"


def written(folder: Path, text: str) -> Path:
    (folder / "line400.toml").write_text(text, encoding="utf-8")
    return folder / "line400.toml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FIRST + "since=2026-01-01\n", "line400.toml:1: offer[1]: until is missing"),
        (
            FIRST + "since=2026-01-01\nuntil='soon'\n",
            "line400.toml:5: offer[1].until: must be a day such as 2026-11-30",
        ),
        (FIRST + "since=2026-02-01\nuntil=2026-01-01\n", "5: offer[1].until: must not be before since (2026-02-01)"),
        (FIRST + "since=2026-02-01T08:00:00\nuntil=2026-01-01\n", "offer[1].since: must be a day"),
        ("[[offer]]\nname='a'\nto=''\n" + DAYS, "line400.toml:3: offer[1].to: must not be empty"),
        ("[[offer]]\nname='a,b'\nto='b'\n" + DAYS, "offer[1].name: must have 1 to 60 signs, no comma"),
        (FIRST + DAYS + "models=['']\n", "offer[1].models: must not hold an empty name"),
        (FIRST + DAYS + "years_from=5\nyears_to=4\n", "offer[1].years_to: must not be less than years_from (5.0)"),
        (FIRST + DAYS + "km_to=-1\n", "offer[1].km_to: must be from 0 to 999999"),
        (FIRST + DAYS + FIRST + DAYS, "line400.toml:7: offer[2].name: there are two of the name 'a'"),
        (FIRST + DAYS + "subsidy=1\n", "did you mean 'subsidy_yuan'?"),
        ("[offer]\nname='a'\n", "offer: must be a list; write [[offer]]"),
    ],
)
def test_faults_name_line_and_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as failed:
        read_config(written(tmp_path, text))
    assert said in str(failed.value)


def test_days_may_stand_in_quotes_or_not(tmp_path: Path) -> None:
    text = FIRST + "since=2026-01-01\nuntil='2026-12-31'\nlaunch=2026-12-01\nmodels='轩逸'\n"
    found = read_config(written(tmp_path, text)).config.offers
    assert found == (Offer("a", "b", date(2026, 1, 1), date(2026, 12, 31), models=("轩逸",), launch=date(2026, 12, 1)),)


def test_offers_may_change_while_it_runs(tmp_path: Path) -> None:
    before = read_config(written(tmp_path, FIRST + DAYS)).config
    after = read_config(written(tmp_path, FIRST + DAYS + "subsidy_yuan=5000\n")).config
    assert changes(before, after).live == ("offer a: subsidy_yuan",)
    assert renewed(before, after).offers[0].subsidy_yuan == 5000


@pytest.mark.parametrize(
    ("launch", "said"), [("2027-01-01", "is after until (2026-12-31)"), ("2025-12-31", "is before since (2026-01-01)")]
)
def test_a_launch_while_it_does_not_hold_is_doubted(tmp_path: Path, launch: str, said: str) -> None:
    warnings = read_config(written(tmp_path, FIRST + DAYS + f"launch={launch}\n")).warnings
    [warning] = [each for each in warnings if "offer" in each]
    assert "line400.toml:6: offer[1].launch: " in warning and said in warning
