"""The demonstration: a simulated carrier, callers and agents' phones that speak real SIP and RTP to a real ``line400 serve``."""
