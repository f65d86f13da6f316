import pytest

from telephony.media.client import MediaClient
from telephony.media.port import MediaPort
from telephony.media.processes import split_ports


def test_it_fits_the_port() -> None:
    port: MediaPort = MediaClient()
    assert port is not None


@pytest.mark.parametrize(
    ("low", "high", "workers", "expected"),
    [
        (20000, 20007, 2, [(20000, 20003), (20004, 20007)]),
        (20001, 20010, 2, [(20002, 20005), (20006, 20009)]),
        (20000, 20004, 2, [(20000, 20001), (20002, 20003)]),
    ],
)
def test_workers_share_the_ports_in_pairs(low: int, high: int, workers: int, expected: list[tuple[int, int]]) -> None:
    assert split_ports(low, high, workers) == expected


@pytest.mark.parametrize(
    ("workers", "ports"), [(0, (20000, 20100)), (1, (20100, 20000)), (1, (80, 100)), (3, (20000, 20003))]
)
def test_what_cannot_work_is_refused(workers: int, ports: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="worker"):
        MediaClient(workers=workers, port_range=ports)
