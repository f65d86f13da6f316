"""A phone over TLS whose audio is encrypted: baresip checks our certificate, registers, takes a carrier's call."""

from pathlib import Path

import pytest

from tests.certificates import make_authority
from tests.interop.line import CARRIER, basic, serving
from tests.interop.peers.baresip import Baresip, need_baresip
from tests.interop.sound import channels, share_of_tone, tone, write_mono
from tests.interop.test_wide_phones import AGENT_HZ, CALLER_HZ, carrier_of, codecs_of, talk
from tests.ports import free_port

pytestmark = pytest.mark.interop


async def test_baresip_over_tls_with_srtp(tmp_path: Path) -> None:
    need_baresip()
    authority = make_authority(tmp_path)
    certificate = authority.sign("line.example")
    says = write_mono(tmp_path / "says.wav", tone(AGENT_HZ, 20))
    port, tls_port = free_port(CARRIER), free_port()
    keys = f'tls_port = {tls_port}\ntls_certificate = "{certificate}"\nphone_encryption = "required"'
    async with serving(tmp_path, basic(carrier_port=port), sip_keys=keys) as line, carrier_of(line, port) as carrier:
        phone = Baresip(
            tmp_path / "baresip", tls_port, "101", "phone-101", says, "tls",
            encryption="srtp-mand", authorities=authority.file,
        )  # fmt: skip
        await phone.start()
        try:
            call, detail, recording = await talk(line, carrier, phone)
        finally:
            await phone.stop()
        assert codecs_of(detail) == {"caller": "PCMA", "agent": "PCMA"}
        assert share_of_tone(call.voice.heard_samples()[-16000:], AGENT_HZ) > 0.9
        left, right = channels(recording)
        assert share_of_tone(left[8000:20000], CALLER_HZ) > 0.9
        assert share_of_tone(right[8000:20000], AGENT_HZ) > 0.9
    assert share_of_tone(phone.samples()[8000:20000], CALLER_HZ) > 0.9, phone.log()
    assert "SRTP is Enabled" in phone.log(), phone.log()
