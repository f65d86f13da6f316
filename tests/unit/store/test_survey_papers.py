"""Surveys that people write on the page: every version kept, none written over another."""

import pytest

from campaigns.papers import SurveyPaper
from core.errors import ChangedSince, LocalProtocolError
from store.store import Store

FIRST = SurveyPaper("新车主", ({"name": "how", "kind": "nps", "text": "推荐吗？"}, {"name": "end", "kind": "hangup"}))
SECOND = SurveyPaper(
    "新车主", ({"name": "end", "kind": "hangup"}, {"name": "how", "kind": "nps", "text": "会推荐吗？"})
)


async def test_versions_are_kept_apart_and_the_last_one_holds(store: Store) -> None:
    papers = store.survey_papers
    await papers.keep(FIRST, "aaa", "boss", after=0)
    await papers.keep(SECOND, "bbb", "chief", after=1)
    [one] = await papers.all()
    assert (one.paper, one.number, one.form, one.by) == (SECOND, 2, "bbb", "chief"), (
        "in the order in which it was written"
    )
    assert [(it.number, it.paper) for it in await papers.versions("新车主")] == [(2, SECOND), (1, FIRST)]
    assert await papers.versions("none") == ()


async def test_whoever_was_slower_is_told(store: Store) -> None:
    papers = store.survey_papers
    await papers.keep(FIRST, "aaa", "boss", after=0)
    await papers.keep(SECOND, "bbb", "chief", after=1)
    with pytest.raises(ChangedSince, match="changed to version 2 meanwhile"):
        await papers.keep(FIRST, "ccc", "boss", after=1)
    with pytest.raises(ChangedSince, match="version 2"):
        await papers.keep(FIRST, "ccc", "boss", after=0)
    assert len(await papers.versions("新车主")) == 2
    await papers.keep(FIRST, "ccc", "boss", after=2)
    assert [(it.number, it.by) for it in await papers.versions("新车主")] == [(3, "boss"), (2, "chief"), (1, "boss")]


async def test_what_was_removed_stays_and_its_numbers_are_not_given_again(store: Store) -> None:
    papers = store.survey_papers
    await papers.keep(FIRST, "aaa", "boss", after=0)
    await papers.remove("新车主", "boss")
    assert await papers.all() == () == await papers.versions("新车主")
    with pytest.raises(LocalProtocolError, match="was removed"):
        await papers.keep(SECOND, "bbb", "boss", after=1)
    await papers.keep(SECOND, "bbb", "boss", after=0)
    assert [one.number for one in await papers.versions("新车主")] == [2]
