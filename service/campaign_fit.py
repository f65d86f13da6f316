"""Why a campaign cannot call as things stand, though it could once (a recording or its trunk has gone, say), and how to
mend it.
"""

from service.campaign_book import CampaignBook, KnownCampaign
from service.survey_fault import KEY as SURVEY_KEY


def unfit(name: str, book: CampaignBook) -> str:
    """What is wrong with campaign ``name`` of ``book`` and how to mend it, Chinese first; "" where nothing is, or there
    is none of that name. It reads the survey and looks which recordings there are: some milliseconds.
    """
    known = book.known(name)
    return "" if known is None else why_unfit(known)


def why_unfit(known: KnownCampaign) -> str:
    """The same of one that was looked at."""
    if not known.faults:
        return ""
    zh, en = "；".join(it.zh for it in known.faults), "; ".join(it.en for it in known.faults)
    if any(it.key == SURVEY_KEY for it in known.faults):
        mend_zh, mend_en = "请补上录音或换一份问卷，再开始", "record what is missing, or give it another survey"
    else:
        mend_zh, mend_en = "请先改好再开始", "mend that first"
    return f"任务“{known.name}”现在不能拨打：{zh}。{mend_zh} / campaign {known.name!r} cannot call: {en}; {mend_en}"
