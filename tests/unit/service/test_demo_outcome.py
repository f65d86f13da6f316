"""What the demonstration chooses to show."""

from service.demo.outcome import telling


def transcript(*speakers: str) -> dict[str, object]:
    return {"segments": [{"speaker": speaker, "start_s": 0.0, "text": "喂"} for speaker in speakers]}


def test_a_talk_with_an_agent_is_shown_before_a_longer_survey() -> None:
    survey, short, talk = (
        transcript("customer", "system", "customer"),
        transcript("agent"),
        transcript("caller", "agent"),
    )
    assert telling([survey, short, talk]) is talk
    assert telling([survey]) is survey
