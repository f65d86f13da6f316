"""SIP methods: those that exist (IANA registry), so that an unknown one can be told from a known one we do not serve."""

from typing import Final

KNOWN_METHODS: Final = frozenset(
    {
        "INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "OPTIONS", "INFO", "UPDATE", "PRACK", "REFER", "NOTIFY",
        "SUBSCRIBE", "MESSAGE", "PUBLISH",
    }
)  # fmt: skip
