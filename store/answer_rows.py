"""What the store's queries return of surveys' answers."""

from dataclasses import dataclass

from reports.answer_words import NO_WORDS, AnswerWords


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """The last answer to ``question``; ``how`` is key, speech or agent, ``text`` what was heard; ``words`` by the
    version ``form``.
    """

    question: str
    value: str
    how: str
    text: str
    form: str = ""
    words: AnswerWords = NO_WORDS
