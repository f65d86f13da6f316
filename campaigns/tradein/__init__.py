"""Trade-in: how long owners of a model keep a car, who is likely to replace his next, what he is offered and when.

It answers whom we call and when, so it stands here and not in ``desk``: it knows nothing of persons and numbers, only
of tenures. All of it is pure; ``fit`` alone loads the survival library, and only commands and workers import it.
"""
