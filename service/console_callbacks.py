"""Promises to call customers back, for the console."""

from collections.abc import Sequence

from acd.callbacks import Callback
from console.callback_views import CallbackView
from service.callbacks import Callbacks


class ConsoleCallbacks:
    """``console.callback_views.CallbackControl`` over the running house."""

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks

    def callbacks(self) -> Sequence[CallbackView]:
        """See the port."""
        return [_view(one) for one in self._callbacks.all()]

    def cancel(self, callback: str, by: str) -> bool:
        """See the port."""
        return self._callbacks.cancel(callback, by)

    def hasten(self, callback: str, by: str) -> bool:
        """See the port."""
        return self._callbacks.hasten(callback, by)


def _view(one: Callback) -> CallbackView:
    return CallbackView(
        id=one.id,
        queue=one.queue,
        number=one.number,
        call_id=one.call_id,
        promised_at=one.promised_at,
        expires_at=one.expires_at,
        state=one.state.value,
        tries=one.tries,
        again_at=one.not_before,
        agent=one.agent,
    )
