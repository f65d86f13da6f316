"""The process that makes or sends a weekly report, ``python -m service.weekly_worker``: it takes one job, pickled, on
its input, does it when calls leave it the machine (``nice``), and answers with what went wrong, or nothing.

So neither the event loop nor the memory of control ever holds a page, a PDF or the libraries that make them.
"""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from core.errors import Line400Error, Unavailable
from service.weekly_plan import Job, MailJob, MakeJob

_NICE: Final = 10
_WORKER: Final = (sys.executable, "-m", "service.weekly_worker")
LONGEST_S: Final = 1800.0
"""A job that takes longer is given up."""


async def do_elsewhere(job: Job) -> tuple[str, ...]:
    """Do ``job`` in a process of its own; what it answers. ``Unavailable`` or ``ConfigError`` says why it could not."""
    process = await asyncio.to_thread(_start)
    try:
        answer, _ = await asyncio.to_thread(process.communicate, pickle.dumps(job), LONGEST_S)
    except subprocess.TimeoutExpired:
        await asyncio.to_thread(_end, process)
        raise Unavailable("the weekly report took too long and was given up") from None
    except asyncio.CancelledError:
        _end(process)
        raise
    try:
        error, made = pickle.loads(answer)
    except (EOFError, pickle.UnpicklingError):
        raise Unavailable(f"the process of the weekly report died ({process.returncode})") from None
    if error is not None:
        raise error
    result: tuple[str, ...] = made
    return result


async def do(job: Job) -> tuple[str, ...]:
    """Do ``job`` here: the files that were made, or the addresses that were refused."""
    match job:
        case MakeJob():
            from service.weekly_make import make  # noqa: PLC0415 - loads what makes pages and PDFs

            files = await make(job)
            return str(files.html), str(files.pdf)
        case MailJob():
            from service.weekly_mail import send  # noqa: PLC0415 - as above

            return await asyncio.to_thread(send, job)


def answer(job: Job) -> tuple[Line400Error | None, tuple[str, ...]]:
    """What came of ``job``; errors of the house, the disk and the database are answers, any other ends the process."""
    try:
        return None, asyncio.run(do(job))
    except SQLAlchemyError as error:
        return Unavailable(f"the database cannot be read: {error}"), ()
    except OSError as error:
        return Unavailable(f"{error.filename or 'the weekly report'}: {error.strerror or error}"), ()
    except Line400Error as error:
        return error, ()


def _start() -> "subprocess.Popen[bytes]":
    """By ``subprocess``: it does not copy this process for it."""
    return subprocess.Popen(_WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5.0)


def main() -> None:
    """Do the one job."""
    for name in (signal.SIGINT, signal.SIGTERM):  # sent to the whole group; control ends us when it is time
        signal.signal(name, signal.SIG_IGN)
    os.nice(_NICE)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    done = answer(pickle.load(sys.stdin.buffer))
    with suppress(BrokenPipeError):  # who asked is gone
        pickle.dump(done, answers)
        answers.close()


if __name__ == "__main__":
    main()
