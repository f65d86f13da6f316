"""Which address others can reach."""

import socket

import pytest

from service.addresses import is_ours, reachable


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.7", "2001:db8::1"])
def test_a_plain_address_is_itself(host: str) -> None:
    assert reachable(host) == host


def test_everywhere_is_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Probe(socket.socket):
        def connect(self, address: object) -> None:
            assert address == ("192.0.2.1", 9), "a documentation address"

        def getsockname(self) -> tuple[str, int]:
            return ("10.1.2.3", 4)

    monkeypatch.setattr(socket, "socket", Probe)
    assert reachable("0.0.0.0") == "10.1.2.3"


def test_a_machine_without_a_network_talks_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    class Probe(socket.socket):
        def connect(self, address: object) -> None:
            raise OSError("network is unreachable")

    monkeypatch.setattr(socket, "socket", Probe)
    assert reachable("0.0.0.0") == "127.0.0.1"


@pytest.mark.parametrize(("host", "ours"), [("127.0.0.1", True), ("0.0.0.0", True), ("192.0.2.7", False)])
def test_which_addresses_are_ours(host: str, ours: bool) -> None:
    assert is_ours(host) == ours
