"""Logistic regression on fixed features: what a frozen network is asked with."""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression


@dataclass(frozen=True, eq=False)
class Probe:
    """A regression on features that are centered and divided by one number, as in the book's linear probe."""

    center: np.ndarray
    """Of the features, shape (n_features,)."""
    scale: float
    """Root mean square of the centered features."""
    regression: LogisticRegression
    """Of codes 0, 1, 2 …, each of which it has seen."""

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Code of the likeliest type of each cell; features of shape (n_cells, n_features)."""
        return self.regression.predict((features - self.center) / self.scale)

    @property
    def linear(self) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients of shape (n_types, n_features) and intercepts of shape (n_types,), a row a type."""
        weight, bias = self.regression.coef_, self.regression.intercept_
        if len(weight) > 1:
            return weight, bias
        # Of two types scikit-learn writes down the second alone.
        return np.stack([-weight[0], weight[0]]) / 2, np.array([-bias[0], bias[0]]) / 2


def fit(known: np.ndarray, at: np.ndarray, label: np.ndarray) -> Probe:
    """Fit a probe.

    Parameters
    ----------
    known
        Features of all cells to learn from, labeled or not, which give center and scale; (n_learn, n_features).
    at
        Which of them have a label, shape (n_labeled,).
    label
        Their codes, same shape; each code at least once.
    """
    center = known.mean(axis=0)
    scale = float(np.sqrt(((known - center) ** 2).mean())) or 1.0
    regression = LogisticRegression(max_iter=1000).fit((known[at] - center) / scale, label)
    return Probe(center, scale, regression)
