"""Whom we call and when: dial lists, attempts, surveys, the dialer."""
