"""Records of persons on disk: taken twice they are there once, cars keep their name, a call leads to its person."""

from desk.records import Complaint, Ownership, Sale, Vehicle, Visit
from store.store import Store
from telephony.facts import CallStarted

NUMBER = "+8613800138000"
OTHER = "+8613900139000"
VIN, NEXT_VIN = "LSVAA49J132012345", "LSVAA49J132012346"
CAR = Vehicle(VIN, "沪A12345", "轩逸", "紧凑型", "2019-03-05")
OWNED = Ownership(CAR, NUMBER, "王先生", "2020-03-05", km_since=12000)


async def test_what_is_taken_twice_is_there_once(store: Store) -> None:
    rows = [
        OWNED,
        Visit(VIN, "2024-01-02", "保养", 50000),
        Visit(VIN, "2025-01-02", "保养", 61000),
        Visit(VIN, "2019-06-01", "保养", 5000),  # of the owner before him
        Sale(VIN, NUMBER, "2020-03-05", 90000, "李"),
        Complaint(NUMBER, "2025-02-01", "异响", "售后"),
        Complaint(NUMBER, "2025-02-01", "漏油", "售后", closed="2025-03-01"),
    ]
    for _ in range(2):
        await store.records.take(rows)
    found = await store.records.of_number(NUMBER)
    [car] = found.cars
    assert (found.name, car.ownership, car.km, car.km_day) == ("王先生", OWNED, 61000, "2025-01-02")
    assert [visit.day for visit in car.visits] == ["2025-01-02", "2024-01-02"]
    assert car.sale == Sale(VIN, NUMBER, "2020-03-05", 90000, "李")
    assert sorted(said.text for said in found.complaints) == ["异响", "漏油"]
    assert await store.records.of_number(OTHER) == type(found)(OTHER)


async def test_a_later_row_stands_and_blank_cells_forget_nothing(store: Store) -> None:
    await store.records.take([OWNED])
    sold = Ownership(Vehicle(plate="沪A12345", model="轩逸"), NUMBER, "王先生", "2020-03-05", "2026-01-01", True)
    await store.records.take([sold, Ownership(CAR, OTHER, "李女士", "2026-01-01")])
    [his] = (await store.records.of_number(NUMBER)).cars
    assert (his.ownership.vehicle, his.ownership.until, his.ownership.replaced) == (CAR, "2026-01-01", True)
    [hers] = (await store.records.of_number(OTHER)).cars
    assert hers.ownership.until == ""


async def test_a_car_known_by_its_plate_gets_its_vin_and_keeps_its_history(store: Store) -> None:
    await store.records.take([Ownership(Vehicle(plate="沪A12345", model="轩逸"), NUMBER, "王", "2020-03-05")])
    await store.records.take([Visit("沪A12345", "2024-01-02", "保养", 50000)])
    assert await store.records.unknown_cars([VIN, "沪A12345"]) == {VIN}
    await store.records.take([OWNED])
    assert await store.records.unknown_cars([VIN, "沪A12345"]) == frozenset()
    [car] = (await store.records.of_number(NUMBER)).cars
    assert (car.ownership.vehicle.key, car.km) == (VIN, 50000)
    await store.records.take([Visit("沪A12345", "2025-01-02", "保养", 60000)])
    assert (await store.records.of_number(NUMBER)).cars[0].km == 60000, "by its plate it is the same car"


async def test_a_plate_may_move_to_the_next_car(store: Store) -> None:
    await store.records.take([OWNED])
    following = Vehicle(NEXT_VIN, "沪A12345", "天籁")
    await store.records.take([Ownership(following, NUMBER, "王先生", "2026-01-01")])
    cars = (await store.records.of_number(NUMBER)).cars
    assert [car.ownership.vehicle.vin for car in cars] == [NEXT_VIN, VIN]


async def test_a_call_leads_to_its_person(store: Store) -> None:
    await store.records.take([OWNED])
    for call, direction, ani, dnis in (
        ("c-in", "inbound", NUMBER, "4008001234"),
        ("c-out", "outbound", "4008001234", "13800138000"),
        ("c-withheld", "inbound", "", "4008001234"),
        ("c-stranger", "inbound", OTHER, "4008001234"),
    ):
        await store.log.commit(call, CallStarted(direction, ani, dnis))
    for call in ("c-in", "c-out"):
        found = await store.records.of_call(call)
        assert found is not None and found.name == "王先生"
    stranger = await store.records.of_call("c-stranger")
    assert stranger is not None and (stranger.cars, stranger.name) == ((), "")
    assert await store.records.of_call("c-withheld") is None
    assert await store.records.of_call("c-none") is None


async def test_what_was_driven_is_of_the_owner_who_drove_it(store: Store) -> None:
    before = Ownership(CAR, OTHER, "赵", "2019-03-05", "2020-03-04", True)
    await store.records.take([before, OWNED, Ownership(Vehicle(NEXT_VIN, "", "天籁"), OTHER, "赵", "2020-04-01")])
    readings = (("2019-06-01", 5000), ("2020-01-01", 11000), ("2024-01-02", 50000), ("2025-01-02", 61000))
    await store.records.take([Visit(VIN, day, "保养", km) for day, km in readings])
    await store.records.take([Visit(VIN, "2025-06-01", "洗车")])
    found = [one async for piece in store.records.driven() for one in piece]
    assert {
        (one.ownership.number, one.ownership.since): (one.km_first, one.km_last, one.last_day) for one in found
    } == {
        (OTHER, "2019-03-05"): (5000, 11000, "2020-01-01"),
        (NUMBER, "2020-03-05"): (50000, 61000, "2025-01-02"),
        (OTHER, "2020-04-01"): (None, None, ""),
    }
