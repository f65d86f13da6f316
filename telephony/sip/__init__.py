"""SIP, RFC 3261: grammar, messages, transactions, dialogs, registration. Only ``transport`` and ``stack`` do I/O."""
