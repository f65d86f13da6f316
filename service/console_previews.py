"""``console.contact_ports.PreviewControl`` over what campaigns show to agents."""

from collections.abc import Callable

from campaigns.script import NAME, Script
from console.form_shapes import script_parts
from console.preview_views import PreviewView
from service.previews import PreviewBook


class ConsolePreviews:
    """What agents see, and decide, on their pages. ``script`` is that of a campaign."""

    def __init__(self, book: PreviewBook, script: Callable[[str], Script]) -> None:
        self._book = book
        self._script = script

    def of(self, agent: str) -> PreviewView | None:
        """See the port."""
        shown = self._book.of(agent)
        preview = shown or self._book.called(agent)
        if preview is None:
            return None
        contact = preview.contact
        script, values = self._script(contact.campaign), {**contact.fields, NAME: contact.name}
        return PreviewView(
            attempt=preview.attempt.id,
            campaign=contact.campaign,
            contact=contact.id,
            name=contact.name,
            number=contact.number,
            fields=dict(contact.fields),
            tries=[result for _, result in contact.past.tried],
            shown_at=preview.shown_at,
            until=preview.until,
            script=script_parts(script.zh, values),
            script_en=script_parts(script.en, values),
            manual=preview.manual,
            calling=shown is None,
        )

    async def dial(self, agent: str, attempt: str) -> None:
        """See the port."""
        await self._book.dial(agent, attempt)

    def skip(self, agent: str, attempt: str, reason: str) -> None:
        """See the port."""
        self._book.skip(agent, attempt, reason)
