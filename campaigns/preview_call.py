"""One attempt that an agent decides about first: shown, then his phone, then the contact's."""

from dataclasses import replace

from campaigns.attempt import Attempt
from campaigns.gate import Plan
from campaigns.one_call import OneCall, Told
from campaigns.pace import Pace
from campaigns.ports import Contact
from campaigns.preview import LATER, NO_AGENT_S, AskedAgain, Company, Decided, Decision, Desks, Preview, PreviewTerms
from campaigns.preview_facts import PreviewDialled, PreviewOver
from campaigns.rooms import Rooms
from campaigns.talk import Fate, Person
from ivr.runner import Sleep
from telephony.ports import Leg


class PreviewCall(OneCall):
    """``begun`` only once the agent has decided to call. The agent hears for himself what answers: nothing listens in
    his place after the answer, and nobody waits for an agent.
    """

    def __init__(
        self,
        plan: Plan,
        rooms: Rooms,
        desks: Desks,
        terms: PreviewTerms,
        pace: Pace,
        told: Told,
        attempt: Attempt,
        contact: Contact,
        sleep: Sleep,
        asked_again: AskedAgain,
    ) -> None:
        super().__init__(plan, replace(rooms, listener=None), self, pace, told, attempt, contact)
        self._listener = rooms.listener
        self._desks = desks
        self._terms = terms
        self._sleep = sleep
        self._asked_again = asked_again
        self._company: Company | None = None
        self._preview: Preview | None = None

    async def run(self, call_id: str) -> None:
        """Show the contact, and make the call ``call_id`` where the agent wants it."""
        self._use_line()  # no packet of it is on its way while the agent reads: other campaigns need not wait for it
        agent = self._desks.pick(self._contact.wanted_agent)
        if not agent:
            await self._sleep(NO_AGENT_S)
            return
        now = self._rooms.clock.now()
        until, by_hand = now + self._terms.decide_s, self._terms.manual
        preview = Preview(agent, self.attempt, self._contact, call_id, now, until, by_hand)
        decided = Decided(Decision.RECALLED)
        try:
            decided = await self._desks.decided(preview, self._asked_again)
        finally:
            self._over(preview, decided)
        if decided.how is Decision.DIAL:
            self._preview = preview
            await self._made(call_id)

    def _over(self, preview: Preview, decided: Decided) -> None:
        if decided.how in LATER:
            self.again_at = self._rooms.clock.now() + self._terms.again_s
        attempt = self.attempt
        fact = PreviewOver(
            attempt.campaign, attempt.contact, attempt.id, preview.agent, decided.how, decided.reason, self.again_at
        )
        self._rooms.log.post(preview.call_id, fact)

    async def _made(self, call_id: str) -> None:
        try:
            await super().run(call_id)
        finally:
            if self._company is not None:
                await self._company.leave()

    async def _ready(self) -> bool:
        assert self._preview is not None
        self._company = await self._desks.fetch(self._preview)
        self._landed(person=False)  # he counts as busy himself from now on
        if self._company is None:
            return False
        attempt = self.attempt
        fact = PreviewDialled(attempt.campaign, attempt.contact, attempt.id, self._preview.agent)
        await self._rooms.log.commit(self._preview.call_id, fact)
        return True

    async def _reach(self, call_id: str) -> Leg:
        assert self._company is not None
        listener, dialling = self._listener, self._dial(call_id)
        return await self._company.reach(listener.reach(dialling, call_id) if listener is not None else dialling)

    async def talk(self, person: Person, fate: Fate) -> Attempt:
        """See ``campaigns.talk.Talk``: with the agent who is there."""
        assert self._company is not None
        return await self._company.talk(person, fate)
