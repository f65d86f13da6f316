"""A phone that answers only the calls that ask for it: liblinphone, driven by ctypes in a process of its own.

The library reads the INVITE and judges whether it asks to be answered; we only do what it says then. Arguments: its
configuration, a WAV file to say, one to write. It prints each state of each call, and whether it was asked.
"""

import ctypes
import sys
import time
from ctypes.util import find_library
from typing import Final

INCOMING: Final = b"LinphoneCallIncomingReceived"
TURN_S: Final = 0.02


class _List(ctypes.Structure):
    """bctoolbox's linked list."""


_List._fields_ = [("next", ctypes.POINTER(_List)), ("previous", ctypes.POINTER(_List)), ("data", ctypes.c_void_p)]


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(find_library("linphone"))
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    for name, result, arguments in (
        ("linphone_factory_get", pointer, []),
        ("linphone_factory_create_core_3", pointer, [pointer, text, text, pointer]),
        ("linphone_core_start", ctypes.c_int, [pointer]),
        ("linphone_core_set_use_files", None, [pointer, ctypes.c_ubyte]),
        ("linphone_core_set_play_file", None, [pointer, text]),
        ("linphone_core_set_record_file", None, [pointer, text]),
        ("linphone_core_iterate", None, [pointer]),
        ("linphone_core_get_calls", ctypes.POINTER(_List), [pointer]),
        ("linphone_call_get_state", ctypes.c_int, [pointer]),
        ("linphone_call_state_to_string", text, [ctypes.c_int]),
        ("linphone_call_asked_to_autoanswer", ctypes.c_ubyte, [pointer]),
        ("linphone_call_accept", ctypes.c_int, [pointer]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def main() -> None:
    """Until killed."""
    config, says, heard = (argument.encode() for argument in sys.argv[1:])
    phone = _library()
    core = phone.linphone_factory_create_core_3(phone.linphone_factory_get(), config, None, None)
    phone.linphone_core_start(core)
    phone.linphone_core_set_use_files(core, 1)
    phone.linphone_core_set_play_file(core, says)
    phone.linphone_core_set_record_file(core, heard)
    print("up", flush=True)
    before: dict[int, bytes] = {}
    while True:
        phone.linphone_core_iterate(core)
        calls, item = {}, phone.linphone_core_get_calls(core)
        while item:
            call = item.contents.data
            calls[call] = phone.linphone_call_state_to_string(phone.linphone_call_get_state(call))
            item = item.contents.next
        for call, state in calls.items():
            if before.get(call) != state:
                asked = bool(phone.linphone_call_asked_to_autoanswer(call))
                print(state.decode(), "asked" if asked else "not asked", flush=True)
                if state == INCOMING and asked:
                    phone.linphone_call_accept(call)
        for _ in before.keys() - calls.keys():
            print("gone", flush=True)
        before = calls
        time.sleep(TURN_S)


if __name__ == "__main__":
    main()
