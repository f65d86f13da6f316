"""The rules of the house, which may change while it stands."""

from campaigns.rules.values import Rules


class RuleBook:
    """The rules of the house that hold at the moment."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def change(self, rules: Rules) -> bool:
        """These hold from now on; True where they are others."""
        changed = rules != self.rules
        self.rules = rules
        return changed
