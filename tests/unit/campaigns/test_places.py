"""Where numbers lie, and which region's hours hold for them."""

import pytest

from campaigns.rules.decide import decide
from campaigns.rules.places import PlaceTable, short_place
from campaigns.rules.regions import place_of, region_of
from campaigns.rules.values import Region, Rules, Standing, Terms
from ivr.hours_text import parse_hours

KNOWN = PlaceTable.of({
    "1389901": "新疆乌鲁木齐市",
    "13899": "新疆喀什地区",
    "991": "新疆维吾尔自治区乌鲁木齐市",
    "1866432": "广东省深圳市",
    "891": "西藏自治区拉萨市",
})  # fmt: skip
LATE = parse_hours(["daily 11:00-20:00"], holidays="")
EARLY = parse_hours(["daily 08:00-17:00"], holidays="")
WEST = Region("西部", (), LATE, ("新疆", "西藏"))


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("+8613899012345", "新疆乌鲁木齐市"),
        ("+8613899112345", "新疆喀什地区"),
        ("+869914567890", "新疆乌鲁木齐市"),
        ("+868916123456", "西藏拉萨市"),
        ("+8618664321234", "广东深圳市"),
        ("+8618664311234", ""),
        ("+8699", ""),
        ("4008001234", ""),
        ("+12025550123", ""),
        ("anonymous", ""),
        ("", ""),
    ],
)
def test_the_longest_beginning_that_is_known_says_the_place(number: str, place: str) -> None:
    assert KNOWN.place(number) == place


def test_names_are_found_with_and_without_the_word_for_a_province() -> None:
    asked = ("新疆维吾尔自治区", "新疆", "广东省", "广东深圳", " 广东省深圳市 ")
    assert all(KNOWN.has(short_place(name)) for name in asked)
    assert not KNOWN.has("云南")
    assert KNOWN.provinces == ("广东", "新疆", "西藏")


def test_the_first_region_that_fits_counts() -> None:
    digits = Region("喀什", ("138991",), EARLY)
    rules = Rules(regions=(digits, WEST), places=KNOWN)
    assert region_of("+8613899112345", rules) is digits
    assert region_of("+8613899012345", rules) is WEST
    assert region_of("+8618664321234", rules) is None
    assert region_of("+8618664311234", rules) is None, "its place is not known"


def test_a_number_keeps_to_the_hours_of_its_place() -> None:
    rules = Rules(regions=(WEST,), places=KNOWN)
    nine = 1_773_104_400.0  # 2026-03-10 09:00 in Shanghai
    there = decide(Standing("+8613899012345"), Terms(rules=rules), nine)
    assert (there.rule, there.not_before) == ("region_hours", nine + 7200)
    assert decide(Standing("+8618664321234"), Terms(rules=rules), nine).allowed
    assert decide(Standing("+8618664311234"), Terms(rules=rules), nine).allowed, "the house's hours"


def test_without_a_table_only_digits_tell() -> None:
    rules = Rules(regions=(WEST, Region("喀什", ("138991",), EARLY)))
    assert place_of("+8613899112345", rules) == ""
    found = region_of("+8613899112345", rules)
    assert found is not None and found.name == "喀什"
