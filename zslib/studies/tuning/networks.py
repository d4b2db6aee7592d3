"""A network with a linear layer on its embedding of a cell: frozen, or trained as a whole."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from zslib.frozen.model import FrozenModel
from zslib.frozen.tokens import Tokens
from zslib.studies.tuning.cards import Settings

WIDTH = 128
"""Cells that are embedded at a time."""
WARM_UP = 0.1
"""Share of the steps in which the rate rises; it falls to zero in the others."""


class Probe(NamedTuple):
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
    return Probe(center, scale, LogisticRegression(max_iter=1000).fit((known[at] - center) / scale, label))


@dataclass(frozen=True, eq=False)
class Reader:
    """How a network reads cells, whatever its weights."""

    model: FrozenModel
    """The pre-trained network."""
    untrained: Callable[[int], nn.Module]
    """From a seed to the same network with the weights that pre-training starts from."""
    tokens: Tokens
    """All cells as tokens."""
    device: torch.device

    def network(self, seed: int | None) -> nn.Module:
        """A fresh copy: pre-trained if the seed is None, else untrained."""
        found = copy.deepcopy(self.model.network) if seed is None else self.untrained(seed)
        # Without dropout: it costs as much time as all the rest, and the share that these networks drop is small.
        return found.to(self.device).eval()

    def embed(self, network: nn.Module, rows: np.ndarray) -> torch.Tensor:
        """Embeddings of some cells, with gradients unless torch is told otherwise, shape (n_rows, n_dims)."""
        *arrays, mask = (torch.from_numpy(part).to(self.device) for part in self.tokens.padded(rows))
        return self.model.run(network, *arrays, None if bool(mask.all()) else mask)

    def embed_all(self, network: nn.Module, rows: np.ndarray) -> np.ndarray:
        """Embeddings of any number of cells, float32 of shape (n_rows, n_dims)."""
        return _in_parts(lambda some: self.embed(network, some), rows)


class Classifier(nn.Module):
    """A network and a linear layer on its embedding. It starts as a frozen network under a probe, number for number.

    To tune from there rather than from a random layer costs fewer steps and distorts less of what was learned
    (Kumar et al., ICLR 2022, arXiv:2202.10054).
    """

    def __init__(self, reader: Reader, network: nn.Module, probe: Probe):
        super().__init__()
        self.reader, self.network, device = reader, network, reader.device
        self.weight, self.bias = (
            nn.Parameter(torch.from_numpy(part).float().to(device)) for part in probe.linear
        )
        self.register_buffer("center", torch.from_numpy(probe.center).to(device))
        self.scale = probe.scale

    def forward(self, rows: np.ndarray) -> torch.Tensor:
        """Scores of the types, shape (n_rows, n_types)."""
        features = (self.reader.embed(self.network, rows) - self.center) / self.scale
        return nn.functional.linear(features, self.weight, self.bias)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Code of the likeliest type of each cell, shape (n_rows,)."""
        return _in_parts(self, rows).argmax(axis=1)


def tune(
    classifier: Classifier, rows: np.ndarray, label: np.ndarray, settings: Settings, seed: int
) -> list[float]:
    """Train all weights of a classifier on labeled cells, in place.

    Parameters
    ----------
    classifier
        What to train.
    rows, label
        The labeled cells and the codes of their types, shape (n_labeled,).
    settings
        Steps, cells of a step, rate.
    seed
        Of the order of cells.

    Returns
    -------
    The loss of every step, in nats.
    """
    rng = np.random.default_rng(seed)
    weights, steps = list(classifier.parameters()), settings.steps_for(len(rows))
    optimizer = torch.optim.AdamW(weights, lr=settings.rate, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.rate, total_steps=steps + 1, pct_start=WARM_UP
    )
    losses = []
    for _ in range(steps):
        some = rng.integers(len(rows), size=settings.batch_size)
        truth = torch.from_numpy(label[some]).to(classifier.center.device)
        loss = nn.functional.cross_entropy(classifier(rows[some]), truth)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.detach())
    return torch.stack(losses).tolist()


def _in_parts(call: Callable[[np.ndarray], torch.Tensor], rows: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        parts = [call(rows[start : start + WIDTH]) for start in range(0, len(rows), WIDTH)]
    return torch.cat(parts).cpu().numpy()
