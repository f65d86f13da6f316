"""RTP (RFC 3550): packets, sequence numbers, keys as events, source learning, placing audio in time. No I/O."""
