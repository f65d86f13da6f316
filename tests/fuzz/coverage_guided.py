"""Coverage-guided search for messages that break the parser, with Atheris (``pip install atheris``; not needed for the
tests): ``python -m tests.fuzz.coverage_guided [libFuzzer options] FOUND tests/fuzz/corpus tests/vectors/rfc4475``.

What is found goes into the first folder. It looks for the same faults as ``long_parser``.
"""

import sys

import atheris

with atheris.instrument_imports(include=["telephony", "core"]):
    from tests.fuzz.long_parser import Tally, once


def test_one_input(data: bytes) -> None:
    """What Atheris calls."""
    once(data, True, Tally())


if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
