"""The routes of the API, a file for each thing."""

from typing import Final

API: Final = "/api/v1"
"""Where its addresses begin. Each router begins there itself: one that is included under a prefix is built twice."""
