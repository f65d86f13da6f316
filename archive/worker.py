"""The packer's process: ``python -m archive.worker``, one order a line on its input, one answer a line on its output.

It runs at the lowest priority and ends with its input. It holds nothing: it may be killed at any moment.
"""

import base64
import json
import os
import signal
import sys
from dataclasses import asdict
from typing import Final

from archive.pack import Packed, PackOrder, pack
from archive.peaks import unpack_peaks
from core.errors import Line400Error, ParseError
from core.heap import give_back_holes, keep_large_blocks_apart

NICE: Final = 19


def pack_answer(done: Packed) -> bytes:
    """One line for control."""
    values = {name: value for name, value in asdict(done).items() if name != "peaks"}
    channels = done.peaks.slices.shape[1]
    values |= {"channels": channels, "peaks": base64.b64encode(done.peaks.packed()).decode()}
    return json.dumps(values).encode() + b"\n"


def unpack_answer(line: bytes) -> Packed:
    """What ``pack_answer`` made. ``OSError`` or ``ParseError`` where the answer tells of one."""
    try:
        values = json.loads(line)
        if "error" in values:
            raise OSError(values["number"], values["error"]) if values["number"] else ParseError(values["error"])
        peaks = unpack_peaks(base64.b64decode(values.pop("peaks")), values.pop("channels"))
        return Packed(**values, peaks=peaks)
    except (ValueError, KeyError, TypeError) as error:
        raise ParseError(f"not an answer of the packer: {error}") from None


def answer_to(line: bytes) -> bytes:
    """Do what ``line`` orders; the answer."""
    try:
        return pack_answer(pack(PackOrder(**json.loads(line))))
    except OSError as error:
        failed = {"error": error.strerror or str(error), "number": error.errno or 5}
    except Line400Error as error:
        failed = {"error": str(error), "number": 0}
    return json.dumps(failed).encode() + b"\n"


def main() -> None:
    """Serve until the input ends."""
    for name in (signal.SIGINT, signal.SIGTERM):  # sent to the whole group; control ends us when it is time
        signal.signal(name, signal.SIG_IGN)
    os.nice(NICE)
    keep_large_blocks_apart()
    for line in sys.stdin.buffer:
        try:
            sys.stdout.buffer.write(answer_to(line))
            sys.stdout.buffer.flush()
        except BrokenPipeError:  # who asked is gone; its successor finds what was made
            os._exit(0)
        give_back_holes()


if __name__ == "__main__":
    main()
