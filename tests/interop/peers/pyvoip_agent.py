"""An agent's phone made with pyVoIP, in a process of its own: registers, answers, plays a file, keeps what it hears.

Arguments: server port user password file-to-play file-to-write sip-port. Files are raw 8-bit unsigned PCM at 8 kHz,
as pyVoIP has them. Ends after one call, or after 60 seconds.
"""

import sys
import time
from pathlib import Path

from pyVoIP.VoIP import CallState, InvalidStateError, VoIPCall, VoIPPhone

server, port, user, password, say, keep = sys.argv[1:7]
over = False


def answer(call: VoIPCall) -> None:
    global over  # noqa: PLW0603 - one call, one process
    heard = bytearray()
    try:
        call.answer()
        call.write_audio(Path(say).read_bytes())
        until = time.monotonic() + 6
        while call.state == CallState.ANSWERED and time.monotonic() < until:
            heard += call.read_audio(160, blocking=True)
        call.hangup()
    except InvalidStateError:
        pass
    Path(keep).write_bytes(heard)
    over = True


phone = VoIPPhone(server, int(port), user, password, myIP="127.0.0.1", callCallback=answer, sipPort=int(sys.argv[7]),
                  rtpPortLow=34000, rtpPortHigh=34900)  # fmt: skip
phone.start()
print("registered", flush=True)
began = time.monotonic()
while not over and time.monotonic() - began < 60:
    time.sleep(0.1)
time.sleep(0.3)
phone.stop()
