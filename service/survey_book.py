"""Surveys that people have written on the page, ready to be asked."""

import logging
from collections.abc import Iterable, Mapping

from campaigns.survey import Survey
from campaigns.survey_paper import JudgedPaper, judge_paper
from store.survey_papers import KeptSurvey

_log = logging.getLogger("line400.service")


class SurveyBook:
    """Those that hold now. One that this version of the product cannot read any more is not ``made``, and the log says
    so.
    """

    def __init__(self, kept: Iterable[KeptSurvey] = ()) -> None:
        self.kept: Mapping[str, KeptSurvey] = {}
        self.judged: Mapping[str, JudgedPaper] = {}
        self.made: Mapping[str, Survey] = {}
        self.take(kept)

    def take(self, kept: Iterable[KeptSurvey]) -> None:
        """These hold from now on."""
        self.kept = {one.paper.name: one for one in kept}
        self.judged = {name: judge_paper(one.paper) for name, one in self.kept.items()}
        self.made = {name: judged.survey for name, judged in self.judged.items() if judged.survey is not None}
        for name in self.kept.keys() - self.made.keys():
            told = "; ".join(f"{it.node}.{it.key}: {it.text}" for it in self.judged[name].faults)
            _log.warning("survey %s cannot be asked: %s", name, told)
