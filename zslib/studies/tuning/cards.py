"""How much is tuned, and what the ways of telling cell types are called. Loads without torch."""

from collections.abc import Mapping
from dataclasses import dataclass

from zslib import methods
from zslib.core.errors import DataError
from zslib.core.registry import OWN

EXPRESSION = "expression"
FROZEN, TUNED = "frozen", "tuned"
RANDOM, TRAINED = "random", "pre-trained"
WAYS = {
    (RANDOM, FROZEN): "random weights, frozen",
    (TRAINED, FROZEN): "pre-trained, frozen",
    (RANDOM, TUNED): "random weights, fine-tuned",
    (TRAINED, TUNED): "pre-trained, fine-tuned",
}
"""Weights, and what is done with them → the words for it."""
EFFECTS = {
    "gain": ((TRAINED, TUNED), (RANDOM, TUNED)),
    "frozen gain": ((TRAINED, FROZEN), (RANDOM, FROZEN)),
    "over expression": ((TRAINED, TUNED), (EXPRESSION, FROZEN)),
    "twin over expression": ((RANDOM, TUNED), (EXPRESSION, FROZEN)),
}
"""What is computed of the scores of two ways, at every share of labels: their difference."""
SCORE_COLUMNS = ["network", "weights", "use", "share", "n_labeled", "value", "ci_low", "ci_high"]
EFFECT_COLUMNS = ["network", "effect", "share", "value", "ci_low", "ci_high"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How much is tuned. The defaults are those of the default profile, minutes on two cores."""

    shares: tuple[float, ...] = (0.01, 0.05, 0.2, 1.0)
    """Shares of the cells to learn from that have a label."""
    draws: int = 2
    """How often labeled cells, random weights and the order of tuning are drawn."""
    steps: int = 120
    """Most steps of tuning, the same for all networks."""
    passes: int = 40
    """Most times that each labeled cell is seen, where few have a label."""
    batch_size: int = 16
    """Labeled cells of a step."""
    rate: float = 2e-3
    """Learning rate at its highest, the same for all."""
    n_learn: int = 1000
    """Most cells to learn from."""
    n_test: int = 500
    """Most cells to test on."""
    n_genes: int = 1000
    """Most variable genes in the cells to learn from: what the regression on expression reads."""
    n_boot: int = 500
    """Bootstrap resamples behind every interval."""
    seed: int = 0
    """Of the division of cells, and of all that is drawn."""

    def __post_init__(self):
        counts = self.draws, self.steps, self.passes, self.batch_size, self.n_learn, self.n_test, self.n_boot
        if min(counts) < 1 or not self.rate > 0:
            raise DataError("Numbers of draws, steps and cells must be 1 or more, and the rate positive.")
        if not self.shares or not all(0 < share <= 1 for share in self.shares):
            raise DataError(f"Shares of labels lie above 0 and at most at 1; they are {list(self.shares)}.")

    def steps_for(self, n_labeled: int) -> int:
        """Steps of tuning on so many labeled cells."""
        return max(1, min(self.steps, round(self.passes * n_labeled / self.batch_size)))


def names(specs: Mapping[str, str]) -> list[str]:
    """Of the methods of a grid, those that run a small model as it is: the ones that can be tuned.

    Parameters
    ----------
    specs
        Name of each method, and where it is from: its name again, or a file of the user's own, which cannot be tuned.
    """
    cards = [methods.card(name) for name, spec in specs.items() if not spec.endswith(OWN)]
    return [card.name for card in cards if card.family == "small" and card.variant == "trained"]
