"""How many to dial now, so that agents wait little and the cap on abandoned calls holds. Values in, a number out.

``pacer`` decides; what it knows comes from ``answering`` (how likely a person answers), ``lives`` (how long rings,
talks and wrap-ups last), ``shortage`` (answers against agents) and ``budget`` (what the cap leaves). The proof sketch
is in docs/pacing.md.
"""
