"""The demonstration: a simulated carrier, callers and agents' phones speak real SIP and RTP to a ``line400 serve``."""
