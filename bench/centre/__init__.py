"""A whole centre by real SIP: ``python -m bench.centre`` (see ``bench.centre.run``)."""
