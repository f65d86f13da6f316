"""The places of numbers, read from the library by a process of its own, against the library itself."""

import random
import subprocess
import sys

import pytest

from campaigns.rules.places import short_place
from core.errors import Unavailable
from service import number_places
from service.number_places import china_places

ASK = """
import sys, phonenumbers
from phonenumbers import geocoder
for line in sys.stdin:
    print(geocoder.description_for_number(phonenumbers.parse(line), "zh"))
"""


def test_they_are_those_of_the_library() -> None:
    """Of 2,000 mobiles and 300 fixed lines. Where it knows only the country we know
    nothing; some of the numbers do not exist.
    """
    chance, table = random.Random(7), china_places()
    second = ("3", "5", "7", "8", "9")
    numbers = [f"+861{chance.choice(second)}{chance.randrange(10**9):09}" for _ in range(2000)]
    numbers += [
        f"+86{chance.choice(('991', '21', '755', '871', '891'))}8{chance.randrange(10**6):06}" for _ in range(300)
    ]
    asked = subprocess.run(
        (sys.executable, "-c", ASK), input="\n".join(numbers), capture_output=True, text=True, check=True
    )
    told = dict(zip(numbers, asked.stdout.splitlines(), strict=True))
    there_is = [number for number in numbers if told[number]]
    ours = [table.place(number) or "中国" for number in there_is]
    assert ours == [short_place(told[number]) for number in there_is]
    assert 0.4 < sum(place != "中国" for place in ours) / len(ours) < 0.9, "many are known, many are not"


def test_the_table_is_small_and_made_once() -> None:
    table = china_places()
    assert len(table.provinces) == 31 and "西藏" in table.provinces
    assert china_places() is table


def test_a_worker_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    china_places.cache_clear()
    monkeypatch.setattr(number_places, "_WORKER", (sys.executable, "-c", "raise SystemExit(3)"))
    with pytest.raises(Unavailable, match="places of numbers cannot be read"):
        china_places()
    monkeypatch.setattr(number_places, "_WORKER", (sys.executable, "-c", "pass"))
    with pytest.raises(Unavailable):
        china_places()
