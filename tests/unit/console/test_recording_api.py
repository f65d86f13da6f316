"""Recordings in whatever form over HTTP; pause, legal hold and deletion by those who may."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from archive.keys import load_or_make_key
from archive.pack import Packed, PackOrder, pack
from archive.sound import open_sound
from tests.unit.console import day
from tests.unit.console.fakes import House

STAR = f"/api/v1/calls/{day.STAR}"
Bearer = Callable[[str], dict[str, str]]
Kept = Callable[[str, bool], Packed]


@pytest.fixture
def kept(house: House) -> Kept:
    """Brings the star's recording into its final form and takes the WAV away."""

    def keep(keep_as: str, sealed: bool) -> Packed:
        source = house.deps.recordings / f"{day.STAR}.wav"
        if sealed:
            load_or_make_key(house.deps.recording_key)
        done = pack(PackOrder(str(source), keep_as, str(house.deps.recording_key) if sealed else ""))
        source.unlink()
        return done

    return keep


@pytest.mark.parametrize("sealed", [False, True])
def test_the_wav_file_of_a_compressed_recording_byte_by_byte(
    client: TestClient, house: House, bearer: Bearer, kept: Kept, sealed: bool
) -> None:
    who = bearer("admin")
    whole = (house.deps.recordings / f"{day.STAR}.wav").read_bytes()
    kept("flac", sealed)
    answer = client.get(f"{STAR}/recording.wav", headers=who)
    assert answer.status_code == 200 and answer.content == whole
    assert answer.headers["content-type"] == "audio/wav" and answer.headers["accept-ranges"] == "bytes"
    for asked, first, last in (("0-43", 0, 43), ("44-143", 44, 143), ("100001-", 100_001, len(whole) - 1)):
        part = client.get(f"{STAR}/recording.wav", headers={**who, "Range": f"bytes={asked}"})
        assert part.status_code == 206 and part.content == whole[first : last + 1]
        assert part.headers["content-range"] == f"bytes {first}-{last}/{len(whole)}"
    assert client.get(f"{STAR}/recording.wav", headers={**who, "Range": "bytes=-10"}).content == whole[-10:]
    refused = client.get(f"{STAR}/recording.wav", headers={**who, "Range": f"bytes={len(whole)}-"})
    assert refused.status_code == 416 and refused.json()["type"] == "urn:line400:problem:bad_range"
    head = client.head(f"{STAR}/recording.wav", headers=who)
    assert head.status_code == 200 and head.headers["content-length"] == str(len(whole)) and not head.content
    download = client.get(f"{STAR}/recording.wav?download=1", headers=who)
    assert download.headers["content-disposition"] == f'attachment; filename="{day.STAR}.wav"'


@pytest.mark.parametrize(
    ("keep_as", "sealed", "media_type"),
    [("flac", False, "audio/flac"), ("flac", True, "audio/flac"), ("opus", True, "audio/ogg")],
)
def test_the_stored_form_is_given_unsealed(
    client: TestClient, bearer: Bearer, kept: Kept, tmp_path: Path, keep_as: str, sealed: bool, media_type: str
) -> None:
    done = kept(keep_as, sealed)
    answer = client.get(f"{STAR}/recording", headers=bearer("boss"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    got = tmp_path / f"got.{keep_as}"
    got.write_bytes(answer.content)
    with open_sound(got) as sound:
        assert sound.frames == done.frames
    part = client.get(f"{STAR}/recording", headers={**bearer("boss"), "Range": "bytes=70000-70099"})
    assert part.status_code == 206 and part.content == answer.content[70_000:70_100]


def test_a_missing_key_and_damage_are_told(client: TestClient, house: House, bearer: Bearer, kept: Kept) -> None:
    done = kept("flac", True)
    key = house.deps.recording_key.read_bytes()
    house.deps.recording_key.unlink()
    for what in ("recording.wav", "recording", "recording/peaks"):
        answer = client.get(f"{STAR}/{what}", headers=bearer("admin"))
        assert answer.status_code == 500
        assert "key of the recordings is missing" in answer.json()["title"]
    house.deps.recording_key.write_bytes(key)
    house.deps.recording_key.chmod(0o600)
    data = bytearray(Path(done.path).read_bytes())
    data[40] ^= 1
    Path(done.path).write_bytes(data)
    answer = client.get(f"{STAR}/recording.wav", headers=bearer("admin"))
    assert answer.status_code == 500 and "changed or cut" in answer.json()["title"]


def test_the_waveform_stored_or_counted_now(client: TestClient, house: House, bearer: Bearer, kept: Kept) -> None:
    before = client.get(f"{STAR}/recording/peaks", headers=bearer("guest")).json()
    done = kept("flac", False)
    counted = client.get(f"{STAR}/recording/peaks", headers=bearer("guest")).json()
    house.recorder.stored[f"r-{day.STAR}"] = done.peaks
    stored = client.get(f"{STAR}/recording/peaks", headers=bearer("guest")).json()
    assert before == counted == stored
    left, right = stored["channels"]
    assert len(left) == len(right) <= 2000 and max(left) > 0.05 and max(right) > 0.05


def test_a_pause_is_for_the_agent_who_talks_and_those_above(client: TestClient, house: House, bearer: Bearer) -> None:
    idle = client.post(f"{STAR}/recording/pause", headers=bearer("boss"))
    assert idle.status_code == 409 and "not being recorded" in idle.json()["title"]
    house.recorder.running[day.STAR] = "recording"
    assert client.get(STAR, headers=bearer("boss")).json()["recording_state"] == "recording"
    assert client.post(f"{STAR}/recording/pause", headers=bearer("guest")).status_code == 403
    agents = {leg["party"] for leg in client.get(STAR, headers=bearer("boss")).json()["legs"]} - {""}
    allowed = client.post(f"{STAR}/recording/pause", headers=bearer("wang")).status_code
    assert allowed == (200 if "101" in agents else 403)
    assert client.post(f"{STAR}/recording/pause", headers=bearer("boss")).json() == {"state": "paused"}
    assert client.get(STAR, headers=bearer("boss")).json()["recording_state"] == "paused"
    assert client.post(f"{STAR}/recording/resume", headers=bearer("admin")).json() == {"state": "recording"}
    assert house.recorder.asked[-2:] == [("paused", day.STAR, "boss"), ("recording", day.STAR, "admin")]
    assert client.post("/api/v1/calls/c-none/recording/pause", headers=bearer("boss")).status_code == 404


def test_legal_hold_and_deletion(client: TestClient, house: House, bearer: Bearer) -> None:
    name = f"r-{day.STAR}"
    for who in ("wang", "guest"):
        assert client.put(f"{STAR}/recording/hold", json={"held": True}, headers=bearer(who)).status_code == 403
    held = client.put(f"{STAR}/recording/hold", json={"held": True, "why": " 投诉 "}, headers=bearer("boss"))
    assert held.status_code == 200 and held.json()["id"] == name
    client.put(f"{STAR}/recording/hold", json={"held": False}, headers=bearer("admin"))
    assert client.delete(f"{STAR}/recording?recording={name}", headers=bearer("boss")).status_code == 403
    assert client.delete(f"{STAR}/recording", headers=bearer("admin")).status_code == 422
    assert client.delete(f"{STAR}/recording?recording={name}", headers=bearer("admin")).status_code == 204
    assert house.recorder.asked == [
        ("hold", name, "boss", "投诉"),
        ("release", name, "admin"),
        ("delete", name, "admin"),
    ]


def test_a_talk_is_passed_on_by_its_agent_and_those_above(client: TestClient, house: House, bearer: Bearer) -> None:
    wanted = {"to": " 102 "}
    assert client.post(f"{STAR}/transfer", json=wanted, headers=bearer("guest")).status_code == 403
    begun = client.post(f"{STAR}/transfer", json=wanted, headers=bearer("boss"))
    assert (begun.status_code, begun.json()) == (202, {"call_id": day.STAR, "to": "102"})
    assert house.transfers.asked == [(day.STAR, "102", "boss")]
    nobody = client.post(f"{STAR}/transfer", json={"to": "999"}, headers=bearer("boss"))
    assert nobody.status_code == 409 and "nobody has the number" in nobody.json()["title"]
    assert client.post(f"{STAR}/transfer", json={"to": ""}, headers=bearer("boss")).status_code == 422
    assert client.post("/api/v1/calls/c-none/transfer", json=wanted, headers=bearer("boss")).status_code == 404
