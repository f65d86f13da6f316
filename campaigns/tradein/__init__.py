"""Trade-in: how long owners of a model keep a car, and who is likely to replace his next.

It answers whom we call and when, so it stands here and not in ``desk``: it knows nothing of persons and numbers, only
of tenures. All of it is pure; ``fit`` alone loads the survival library, and only commands and workers import it.
"""
