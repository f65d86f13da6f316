"""What a promise to call somebody comes to: the moment at which he may be called for it. Pure."""

from dataclasses import dataclass

from campaigns.rules.values import Decision


@dataclass(frozen=True, slots=True)
class PromisedCall:
    """He was promised a call ``call_at`` and is called ``first_at`` at the earliest (epoch seconds). Where that is
    later, ``rule`` forbids the call till then: outside of all calling hours, say; its words are ``zh`` and ``en``.
    """

    call_at: float
    first_at: float
    rule: str = ""
    zh: str = ""
    en: str = ""


def promised_call(call_at: float, decision: Decision) -> PromisedCall:
    """By the ``decision`` about calling him ``call_at``, which does not forbid it for good."""
    if decision.not_before is None:
        return PromisedCall(call_at, call_at)
    return PromisedCall(call_at, decision.not_before, decision.rule, decision.zh, decision.en)
