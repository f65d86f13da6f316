"""How a phone is asked to answer by itself, by its make: there is no one header that all of them obey.

RFC 5373 is the standard that few follow; Call-Info with ``answer-after`` and Alert-Info with ``alert-autoanswer`` are
what makers have agreed on in fact. Most phones obey only after they were set to.
"""

from typing import Final

OFF: Final = "off"
_CALL_INFO: Final = ("Call-Info", "<sip:{host}>;answer-after=0")
_ALERT_INFO: Final = ("Alert-Info", "<http://{host}>;info=alert-autoanswer;delay=0")
_ANSWER_MODE: Final = ("Answer-Mode", "Auto")
# Deviation from the grammar of Alert-Info, which wants a URI: Polycom compares the whole text with its settings.
_RING_ANSWER: Final = ("Alert-Info", "Ring Answer")

MAKES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    OFF: (),
    "any": (_CALL_INFO, _ALERT_INFO, _ANSWER_MODE),
    "aastra": (_ALERT_INFO,),
    "audiocodes": (_CALL_INFO,),
    "cisco": (_CALL_INFO,),
    "gigaset": (_CALL_INFO,),
    "grandstream": (_CALL_INFO,),
    "mitel": (_CALL_INFO,),
    "polycom": (_RING_ANSWER,),
    "rfc5373": (_ANSWER_MODE,),
    "snom": (_CALL_INFO,),
    "yealink": (_ALERT_INFO,),
}
"""What goes into the INVITE; ``any`` is all that can stand side by side, for phones of unknown make."""


def auto_answer_headers(make: str, host: str) -> tuple[tuple[str, str], ...]:
    """The headers for a phone of ``make`` (a key of ``MAKES``); ``host`` is ours."""
    return tuple((name, value.format(host=f"[{host}]" if ":" in host else host)) for name, value in MAKES[make])
