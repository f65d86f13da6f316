"""A whole dial list over real SIP, with a carrier that answers in every way there is, while control is killed again and
again: nobody is dialled twice for one attempt, nobody is lost, every result is right, the ledger is whole.
"""
