"""The tables of sessions ask for nothing that nobody does, and nothing is done that none asks for; for that of offers
see ``test_sip_offers``.
"""

from collections.abc import Mapping

import pytest

from telephony.sip import uac, uas
from telephony.sip.session_table import INCOMING, OUTGOING


@pytest.mark.parametrize(
    ("table", "acts"),
    [(INCOMING, uas.ACTS), (OUTGOING, uac.ACTS)],
    ids=["incoming", "outgoing"],
)
def test_every_act_of_a_table_is_done(
    table: Mapping[object, tuple[object, tuple[object, ...]]], acts: Mapping[object, object]
) -> None:
    assert {action for _, actions in table.values() for action in actions} == set(acts)
