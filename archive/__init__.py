"""Recordings after the call: kept small, whole, sealed if wanted, found again, and deleted when their time has come."""
