"""What can become true of campaigns and the attempts to reach their contacts."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("campaign.imported")
@dataclass(frozen=True, slots=True)
class ContactsImported(Fact):
    """``accepted`` rows of a list were taken into ``campaign``, ``rejected`` were not. ``by``: the account that asked,
    "" the command line, or a caller of the 400 line who named a time.
    """

    campaign: str
    accepted: int
    rejected: int
    by: str = ""


@fact("complaints.closed")
@dataclass(frozen=True, slots=True)
class ComplaintsClosed(Fact):
    """Complaints on record were closed; ``contacts`` who had rest while they were open are decided about again."""

    contacts: int


@fact("campaign.state")
@dataclass(frozen=True, slots=True)
class CampaignStateChanged(Fact):
    """``campaign`` is now running, paused, stopped or finished; ``why`` it paused by itself, in Chinese and English."""

    campaign: str
    state: str
    why: str = ""


@fact("attempt.started")
@dataclass(frozen=True, slots=True)
class AttemptStarted(Fact):
    """Contact ``contact`` (row id) is being called at ``number`` ("" in logs of before there were several), written
    before the first packet leaves. ``again_at``: if the process dies in it before anybody has answered, he may be tried
    again then (epoch seconds; None: not at all).
    """

    attempt: str
    campaign: str
    contact: int
    number: str = ""
    again_at: float | None = None


@fact("attempt.ended")
@dataclass(frozen=True, slots=True)
class AttemptEnded(Fact):
    """The attempt is over; ``result`` is one of ``campaigns.attempt.Result``, ``status`` the SIP status if refused. The
    contact may be tried again ``again_at`` (epoch seconds); None: he is done.
    """

    attempt: str
    campaign: str
    contact: int
    result: str
    status: int = 0
    again_at: float | None = None


@fact("contact.promised")
@dataclass(frozen=True, slots=True)
class ContactPromised(Fact):
    """Contact ``contact`` was promised a call ``call_at`` (epoch seconds) by ``agent`` ("": by anybody); account ``by``
    put it down. The last promise stands.
    """

    campaign: str
    contact: int
    call_at: float
    agent: str = ""
    by: str = ""
    note: str = ""


@fact("contact.settled")
@dataclass(frozen=True, slots=True)
class ContactSettled(Fact):
    """An agent, or account ``by`` in his place, has said ``code`` of the talk with contact ``contact`` in ``attempt``.
    ``then`` (see ``desk.dispositions.Then``) says what that means for him: with retry he may be tried again
    ``again_at`` (epoch seconds), with finished and refuse he is done. ``agreed``: he is interested. The last word of an
    attempt stands.
    """

    campaign: str
    contact: int
    attempt: str
    code: str
    then: str = ""
    agreed: bool = False
    again_at: float | None = None
    by: str = ""


@fact("campaign.list_share")
@dataclass(frozen=True, slots=True)
class ListShareChanged(Fact):
    """List ``list`` gets ``weight`` of the calls of ``campaign``, until ``quota`` of it (0: no limit) have completed;
    ``by``: the account that asked, "" the command line.
    """

    campaign: str
    list: int
    weight: int
    quota: int
    by: str = ""


@fact("survey.answered")
@dataclass(frozen=True, slots=True)
class SurveyAnswered(Fact):
    """The contact answered ``question`` with ``value``; ``how`` is key, speech or agent (who has put it down), "" of a
    notice (``campaigns.notice``), where nobody was asked; ``text`` what was heard. ``form`` is the version of the
    survey ("" where none is known).
    """

    campaign: str
    contact: int
    attempt: str
    question: str
    value: str
    how: str
    text: str = ""
    form: str = ""
