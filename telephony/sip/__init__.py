"""SIP, RFC 3261: grammar, messages, transactions, dialogs, registration. Sans-I/O but for ``transport`` and ``stack``."""
