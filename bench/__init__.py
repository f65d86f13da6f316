"""Benchmarks: each runs as ``python -m bench.NAME``, with ``--json`` as one JSON object."""
