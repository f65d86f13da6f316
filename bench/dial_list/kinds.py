"""How the contacts of a list take a call, and which result each must have in the end."""

import random
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """``does`` is what the carrier or the person does (see ``carrier``), with a ``sound`` of the shared audio where one
    is heard, or a SIP ``status`` and Q.850 ``cause``; ``result`` what the store must say; ``share`` of a thousand.
    """

    name: str
    does: str
    result: str
    share: int
    sound: str = ""
    status: int = 0
    cause: int = 0


def _announced(sound: str, result: str) -> tuple[Kind, ...]:
    """Both voices that say it."""
    return tuple(
        Kind(f"{sound}, {voice}", "announces", result, 20, f"network/{sound}.{voice}.wav")
        for voice in ("zf_xiaoxiao", "zm_yunxia")
    )


KINDS: Final = (
    Kind("busy", "refuses", "busy", 180, status=486),
    Kind("declined on the phone", "refuses", "refused", 50, status=603),
    Kind("empty number by its cause", "refuses", "empty_number", 50, status=404, cause=1),
    Kind("rings in vain", "rings", "no_answer", 140),
    *_announced("power_off", "powered_off"),
    *_announced("empty_number", "empty_number"),
    *_announced("suspended", "out_of_service"),
    *_announced("busy", "busy"),
    *_announced("unreachable", "unreachable"),
    *_announced("no_answer", "no_answer"),
    *_announced("incoming_barred", "barred"),
    Kind("mailbox", "mailbox", "voicemail", 60, "network/voicemail.zf_xiaoxiao.wav"),
    Kind("fax", "fax", "fax", 30),
    Kind("says no by key", "declines", "refused", 100, "callers/hello.zm_yunxi.wav"),
    Kind("hangs up", "hangs_up", "hung_up", 110, "callers/hello.zf_xiaoyi.wav"),
)
_THOUSAND: Final = sum(kind.share for kind in KINDS)


def drawn(contacts: int, seed: int) -> dict[str, Kind]:
    """The kind of each number, shares kept as well as they can be, in no order."""
    kinds: list[Kind] = []
    for place, kind in enumerate(KINDS):
        before = sum(each.share for each in KINDS[:place])
        kinds += [kind] * (contacts * (before + kind.share) // _THOUSAND - contacts * before // _THOUSAND)
    random.Random(seed).shuffle(kinds)
    return {f"+8613400{place:06}": kind for place, kind in enumerate(kinds)}
