"""The store as one object: opened once by each process, handed in parts to the rooms that need them."""

from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError

from core.bus import Bus
from core.clock import Clock
from core.errors import ConfigError, Unavailable
from core.ids import Ids
from store.abandoned import AbandonedCallers
from store.accounts import Accounts
from store.agents import Agents
from store.call_forms import CallForms
from store.callbacks import StoredCallbacks
from store.calling import Calling
from store.calls import Calls
from store.campaign_live import CampaignStands
from store.campaign_plans import CampaignPlans
from store.campaign_reports import CampaignReports
from store.campaigns import Campaigns
from store.closed import ClosedCalls
from store.consent_lists import ConsentLists
from store.consents import Consents
from store.contact_cards import ContactCards
from store.contacts import Contacts
from store.conversions import Conversions
from store.database import Database
from store.desk import Desk
from store.dispositions import Dispositions
from store.effects import Effects
from store.events import Events
from store.feeds import Feeds
from store.half_hours import HalfHours
from store.heartbeat import Heartbeat
from store.inbound import InboundCalls
from store.interests import Interests
from store.keeping import Keeping
from store.ledger import Ledger
from store.likeliest import Likeliest
from store.list_shares import ListShares
from store.lists import Lists
from store.log import EventLog
from store.migrate import upgrade
from store.past import Past
from store.people import People
from store.probes import Probes
from store.promises import Promises
from store.reached import ReachedPeople
from store.records import Records
from store.recovery import recover, unfinished_recordings
from store.rehearsals import Rehearsals
from store.reports import Reports
from store.rows import Recovered, UnfinishedRecording
from store.selections import Selections
from store.sent_contacts import SentContacts
from store.settings import Settings
from store.settling import Settling
from store.staffing import StaffingRows
from store.stock import Stock
from store.survey_papers import SurveyPapers
from store.told import ToldWaits
from store.tradein_offers import TradeinOffers
from store.transcripts import Transcripts


class Store:
    """``log`` takes facts (``core.events.Log``); ``transcripts`` is ``asr.jobs.TranscriptStore``; ``keeping`` is
    ``archive.jobs.KeepStore``; ``contacts`` is ``campaigns.ports.ContactStore``; the others answer queries. Make it
    with ``open``, end it with ``close``.
    """

    def __init__(  # noqa: PLR0915 - a line for each of its parts
        self, database: Database, clock: Clock, ids: Ids, bus: Bus, recordings: Path
    ) -> None:
        self._database = database
        self._clock = clock
        self.log = EventLog(database, clock, ids, bus)
        self.events = Events(database)
        self.calls = Calls(database)
        self.agents = Agents(database)
        self.past = Past(database)
        self.callbacks = StoredCallbacks(database)
        self.desk = Desk(database, self.log)
        self.dispositions = Dispositions(database)
        self.probes = Probes(database)
        self.records = Records(database, self.log, clock)
        self.stock = Stock(database)
        self.interests = Interests(database, self.log, clock)
        self.likeliest = Likeliest(database)
        self.selections = Selections(database, self.log, clock)
        self.transcripts = Transcripts(database, self.log, clock, recordings)
        self.keeping = Keeping(database, self.log, recordings)
        self.people = People(database)
        self.lists = Lists(database, self.log, clock)
        self.effects = Effects(database)
        self.conversions = Conversions(database)
        self.feeds = Feeds(database, self.log, clock, self.lists, self.selections)
        self.contacts = Contacts(database, self.log, clock, self.lists)
        self.sent_contacts = SentContacts(self.log, clock)
        self.reached = ReachedPeople(database)
        self.contact_cards = ContactCards(database)
        self.call_forms = CallForms(database)
        self.calling = Calling(database, self.log)
        self.consents = Consents(database, self.log)
        self.consent_lists = ConsentLists(database, self.log, clock)
        self.promises = Promises(database, self.log, clock)
        self.settling = Settling(self.log, clock)
        self.list_shares = ListShares(database, self.log)
        self.ledger = Ledger(database)
        self.campaigns = Campaigns(database)
        self.campaign_stands = CampaignStands(database)
        self.campaign_plans, self.survey_papers = (
            CampaignPlans(database, self.log, clock), SurveyPapers(database, self.log)
        )  # fmt: skip
        self.tradein_offers = TradeinOffers(database, self.log)
        self.campaign_reports = CampaignReports(database, self.log)
        self.rehearsals = Rehearsals(database)
        self.accounts = Accounts(database, self.log, clock)
        self.settings = Settings(database, self.log)
        self.reports = Reports(database, clock)
        self.staffing = StaffingRows(database, self.reports, clock)
        self.abandoned = AbandonedCallers(database)
        self.closed = ClosedCalls(database)
        self.inbound = InboundCalls(database, clock)
        self.half_hours = HalfHours(database, self.log, clock)
        self.told = ToldWaits(database, clock)
        self._heartbeat: Heartbeat | None = None

    @classmethod
    async def open(
        cls, url: str, clock: Clock, ids: Ids, bus: Bus | None = None, *, recordings: Path = Path("var/recordings")
    ) -> Self:
        """Open (and make or migrate) the database at ``url``: ``sqlite:///var/line400.db`` or
        ``postgresql://host/name``.

        ``recordings`` is the folder that recording paths are relative to. Raises ``ConfigError`` for a URL that
        can't be and ``Unavailable`` when the database can't be reached. Opening changes no call: see ``recover``.
        """
        database = Database(url)
        store = cls(database, clock, ids, bus or Bus(), recordings)
        try:
            await database.write(upgrade)
            await store.log.start()
        except (DBAPIError, OSError) as error:
            await database.close()
            reason = error.orig if isinstance(error, DBAPIError) else error
            raise Unavailable(f"database: {reason}; is the server up, the disk writable, the name right?") from error
        except ConfigError:
            await database.close()
            raise
        return store

    async def recover(self) -> Recovered:
        """End what a dead process left open. Only the process that runs the calls (``serve``) does this, before its
        first call; from then on a heartbeat tells the next start when this process was last alive.
        """
        recovered = await recover(self.log)
        self._heartbeat = Heartbeat(self.settings, self._clock)
        self._heartbeat.start()
        return recovered

    async def unfinished_recordings(self) -> tuple[UnfinishedRecording, ...]:
        """Recordings that were never finished, oldest first. After ``recover``, before the first call: files to
        mend.
        """
        async with self._database.reading() as connection:
            return await connection.run_sync(unfinished_recordings)

    async def close(self) -> None:
        """Write what is queued, then close the database."""
        if self._heartbeat is not None:
            await self._heartbeat.stop()
        await self.log.close()
        await self._database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
