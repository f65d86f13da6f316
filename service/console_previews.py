"""``console.contact_ports.PreviewControl`` over what campaigns show to agents."""

from console.preview_views import PreviewView
from service.previews import PreviewBook


class ConsolePreviews:
    """What agents see, and decide, on their pages."""

    def __init__(self, book: PreviewBook) -> None:
        self._book = book

    def of(self, agent: str) -> PreviewView | None:
        """See the port."""
        preview = self._book.of(agent)
        if preview is None:
            return None
        contact = preview.contact
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
        )

    def dial(self, agent: str, attempt: str) -> None:
        """See the port."""
        self._book.dial(agent, attempt)

    def skip(self, agent: str, attempt: str, reason: str) -> None:
        """See the port."""
        self._book.skip(agent, attempt, reason)
