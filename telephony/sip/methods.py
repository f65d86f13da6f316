"""The SIP methods that exist (IANA registry), to tell an unknown one from one that we know but do not serve."""

from typing import Final

KNOWN_METHODS: Final = frozenset(
    {
        "INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "OPTIONS", "INFO", "UPDATE", "PRACK", "REFER", "NOTIFY",
        "SUBSCRIBE", "MESSAGE", "PUBLISH",
    }
)  # fmt: skip
