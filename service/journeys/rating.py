"""After the talk: the caller is asked what he thinks of it, and a low score calls for somebody at once."""

from desk.facts import RatingAsked, RatingGiven, TaskOpened
from desk.rating import LOW_RATING, RatingRules
from ivr.flow import Answer
from ivr.graph import score_question
from ivr.runner import run_flow
from service.house import House
from telephony.ports import Leg


async def ask_rating(leg: Leg, rules: RatingRules, queue: str, agent: str, house: House) -> None:
    """Walk the caller through the flow of ``rules``. The score counts from the moment at which it is given, also
    where he hangs up next. A flow that is gone by now is no error. Raises ``LegEnded`` when he hangs up.
    """
    flow = house.flows.get(rules.flow)
    question = None if flow is None else score_question(flow)
    if flow is None or question is None:
        return
    log, call_id = house.log, leg.call_id

    def keep(answer: Answer) -> None:
        if answer.node != question.name:
            return
        score = int(answer.value)
        log.post(call_id, RatingGiven(queue, agent, score, question.high))
        if rules.is_low(score):
            task = house.ids.new("task")
            log.post(call_id, TaskOpened(task, LOW_RATING, queue, agent, f"{score}/{question.high}"))

    log.post(call_id, RatingAsked(queue, agent))
    await run_flow(
        flow,
        leg,
        ears=house.ears,
        log=log,
        clock=house.clock,
        prompts=house.prompts,
        hours=house.hours,
        on_answer=keep,
    )
