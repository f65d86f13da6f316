"""What plays to the legs of a worker: files are read beside the loop, tones are made; then both are played in place of
what a leg hears, or over it.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from core.errors import LocalProtocolError, ParseError
from telephony.media import commands as c
from telephony.media.background import Background, Completion
from telephony.media.clips import Clip, ClipCache, ClipKey, clip_key, load_clip
from telephony.media.commands import tone_named
from telephony.media.player import Player
from telephony.media.port import MediaEvent, PlayEnded
from telephony.media.tones import tone_clip

_log = logging.getLogger("line400.media")
MAX_SOUNDS: Final = 200


class Plays:
    """Begins plays; ``begin`` takes over with the leg's name once all is read. ``emit`` hears of those that never
    began.
    """

    def __init__(
        self, loader: Background, emit: Callable[[MediaEvent], None], begin: Callable[[str, Player, bool], None]
    ) -> None:
        self._loader = loader
        self._emit = emit
        self._begin = begin
        self._clips = ClipCache()
        self._waiting: dict[tuple[str, bool], str] = {}  # leg, whether over → play whose files are being read

    def check(self, command: c.Play) -> list[ClipKey]:
        """The sounds of ``command``; ``LocalProtocolError`` where it cannot be done."""
        if len(command.sounds) > MAX_SOUNDS:
            raise LocalProtocolError(f"more than {MAX_SOUNDS} sounds in one play")
        try:
            return [_sound_key(sound) for sound in command.sounds]
        except (ParseError, ValueError) as error:
            raise LocalProtocolError(str(error)) from None

    def start(self, command: c.Play, keys: list[ClipKey]) -> None:
        """Begin ``command`` (whatever played in its place has been stopped), at once where its files are known."""
        clips = [self._known(key) for key in keys]
        if all(clips):
            self._play(command, [clip for clip in clips if clip is not None])
            return
        self._waiting[command.leg, command.over] = command.play
        self._loader.submit(lambda: self._load(command, keys))

    def stop(self, leg: str, *, over: bool) -> None:
        """Give up a play that has not begun."""
        play = self._waiting.pop((leg, over), None)
        if play is not None:
            self._emit(PlayEnded(leg, play, finished=False))

    def _load(self, command: c.Play, keys: list[ClipKey]) -> Completion:
        """In the loader thread: read the files, then begin (or give up) in the loop."""
        loaded: list[tuple[ClipKey, Clip]] = []
        fault = ""
        try:
            for key in keys:
                loaded.append((key, self._known(key) or load_clip(key[0])))
        except ParseError as error:
            fault = str(error)

        def begin() -> None:
            for key, clip in loaded:
                if not tone_named(key[0]):
                    self._clips.put(key, clip)
            if fault:
                _log.warning("cannot play %s", fault)
            place = command.leg, command.over
            if self._waiting.get(place) != command.play:
                return  # stopped, replaced or closed meanwhile, and that has been said
            del self._waiting[place]
            if fault:
                self._emit(PlayEnded(command.leg, command.play, finished=False))
            else:
                self._play(command, [clip for _, clip in loaded])

        return begin

    def _known(self, key: ClipKey) -> Clip | None:
        tone = tone_named(key[0])
        return tone_clip(tone)[0] if tone else self._clips.get(key)

    def _play(self, command: c.Play, clips: Sequence[Clip]) -> None:
        """``clips`` are the sounds of ``command``; none is reached after a tone that does not end."""
        endless = [place for place, sound in enumerate(command.sounds) if _goes_on(sound)][:1]
        if endless:
            clips = clips[: endless[0] + 1]
        player = Player(command.play, tuple(clips), loop=command.loop, endless=bool(endless))
        self._begin(command.leg, player, command.over)


def _sound_key(sound: str) -> ClipKey:
    """``ParseError`` where there is no such file, ``ValueError`` where there is no such tone."""
    tone = tone_named(sound)
    if not tone:
        return clip_key(sound)
    tone_clip(tone)
    return sound, 0, 0


def _goes_on(sound: str) -> bool:
    tone = tone_named(sound)
    return bool(tone) and tone_clip(tone)[1]
