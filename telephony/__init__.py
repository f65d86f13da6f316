"""What happens on the wire: SIP, SDP, RTP, media workers, and on top of them legs, calls, bridges and trunks."""
