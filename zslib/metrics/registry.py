"""Where metrics declare themselves, and are found.

A metric is written once, in a file of its family's folder: :func:`metric` turns a function that gets a
:class:`~zslib.metrics.space.Space` and returns a function of cell weights into what both users and
:func:`~zslib.metrics.score` call. Files are found by looking; tables have the metrics by family, file and place in it.
"""

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from zslib.core import registry
from zslib.core.errors import DataError
from zslib.core.stats import Statistic, on_all
from zslib.metrics.anchors import EXACT_UP_TO
from zslib.metrics.card import FAMILIES, MetricCard
from zslib.metrics.space import Space


@dataclass(frozen=True, kw_only=True)
class OfType:
    """What a metric that is computed for one cell type after the other says of one of them."""

    draws: list[Statistic]
    """Functions of cell weights, of which the score is the mean."""
    chance: float
    """What an embedding without information reaches; NaN where that is not known."""


MetricResult = Statistic | list[Statistic] | dict[int, OfType] | float
"""A function of cell weights; several where it depends on luck; some for each cell type, by its code, of which the
metric is the mean; or a number, which cannot be resampled and has no interval."""


@dataclass(frozen=True, eq=False)
class Metric:
    """A metric: a function of an embedding, with its card."""

    card: MetricCard
    statistic: Callable[[Space], MetricResult] | None
    """How it is computed; None for the mean of others."""
    pairs: frozenset[str]
    """What it asks of :meth:`Space.geometry`."""
    parts: tuple[str, ...] = ()
    """The metrics whose mean it is."""
    of_components: bool = False
    """Whether it looks at an embedding's 50 components alone, so that it is the same in the space of these."""

    def __call__(
        self,
        X,
        label=None,
        batch=None,
        *,
        unintegrated=None,
        within_batch=None,
        seed: int = 0,
        device: str = "auto",
        exact_up_to: int = EXACT_UP_TO,
    ) -> float:
        """Score an embedding; what the metric does not look at may be left out.

        Parameters
        ----------
        X
            Embedding of shape (n_cells, n_dims).
        label, batch
            Cell type and batch of each cell, shape (n_cells,).
        unintegrated
            Principal components of the data before integration, shape (n_cells, at most 50).
        within_batch
            Components of each batch by itself, see :func:`~zslib.datasets.within_batch.within_batch_pcs`.
        seed
            Of clusterings and folds.
        device
            Where to compute.
        exact_up_to
            As for :func:`~zslib.metrics.score`.

        Returns
        -------
        The score; its range, direction and what fools it are in ``card``.

        Raises
        ------
        NotApplicable
            If the score has no meaning for these data.
        DataError
            If the embedding is refused by :func:`~zslib.metrics.check_embedding`, or something is missing.
        """
        given = {"unintegrated": unintegrated, "within_batch": within_batch, "seed": seed, "device": device}
        pairs = self.pairs.union(*(METRICS[part].pairs for part in self.parts))
        return self.of(Space.of(X, label, batch, pairs=pairs, exact_up_to=exact_up_to, **given))

    def of(self, space: Space) -> float:
        """The score of a space."""
        if self.parts:
            return float(np.mean([METRICS[part].of(space) for part in self.parts]))
        found = self.statistic(space)
        if isinstance(found, float):
            return found
        several = [one.draws for one in found.values()] if isinstance(found, dict) else [found]
        several = [draws if isinstance(draws, list) else [draws] for draws in several]
        return float(np.mean(list(on_all(dict(enumerate(several)), len(space.X)).values())))


METRICS: dict[str, Metric] = {}
"""Every metric by its name, in the order of the tables."""
CARDS: dict[str, MetricCard] = {}
"""Their cards."""


def metric(
    card: MetricCard, *, pairs: Iterable[str] = ("near",), of_components: bool = False
) -> Callable[[Callable[[Space], MetricResult]], Metric]:
    """Make a metric of a function that returns a function of cell weights.

    Parameters
    ----------
    card
        What a reader must know of it.
    pairs
        What it asks of :meth:`Space.geometry`, see :data:`zslib.metrics.space.PAIRS`; the graph needs ``"near"``.
    of_components
        Whether it looks at :attr:`Space.pcs` alone; it is then computed once for both spaces.
    """

    def declare(statistic: Callable[[Space], MetricResult]) -> Metric:
        made = Metric(card, statistic, frozenset(pairs), of_components=of_components)
        return _documented(made, statistic.__doc__)

    return declare


def average(card: MetricCard, *parts: str) -> Metric:
    """Make a metric of the mean of others, given by their names."""
    return _documented(Metric(card, None, frozenset(), parts), card.formula)


def add(path: str | Path) -> list[str]:
    """Enter the metrics of a file of the user's own, after those of their family.

    Returns
    -------
    Their names.

    Raises
    ------
    DataError
        If there is no such file, it holds no metric, or one of a name that is taken.
    """
    names = _enter(registry.from_file(Path(path)))
    if not names:
        raise DataError(f"{path} holds no metric; see CONTRIBUTING.md for what a file must hold")
    return names


def chosen(only: Iterable[str] | None) -> list[str]:
    """The names of the metrics asked for, in the order of the tables; all of them for None.

    Parameters
    ----------
    only
        Names, or paths of files of the user's own.
    """
    if only is None:
        return list(METRICS)
    if isinstance(only, str):
        raise DataError(f"only={only!r} is one name; give a list of names, [{only!r}]")
    asked = {n for name in only for n in (add(name) if str(name).endswith(".py") else [name])}
    if unknown := sorted(asked - set(METRICS)):
        raise DataError(f"There is no metric {', '.join(unknown)}. There are: {', '.join(METRICS)}.")
    return [name for name in METRICS if name in asked]


def computed(names: Iterable[str]) -> list[str]:
    """The metrics that these are made of: their parts or, of those without any, they themselves."""
    needed = {part for name in names for part in METRICS[name].parts or (name,)}
    return [name for name in METRICS if name in needed]


def scan() -> dict[str, Metric]:
    """Enter every metric of this package; returns them by name."""
    folder = Path(__file__).parent
    for family in FAMILIES:
        for path in sorted((folder / family).glob("[!_]*.py")):
            _enter(importlib.import_module(f"zslib.metrics.{family}.{path.stem}"))
    return dict(METRICS)


def _enter(module: ModuleType) -> list[str]:
    own = {m.card.name: m for m in vars(module).values() if isinstance(m, Metric)}
    for name, found in own.items():
        if METRICS.get(name, found).card != found.card:
            raise DataError(f"{module.__file__}: there is a metric {name!r} already; choose another name")
    METRICS.update(own)
    order = sorted(METRICS.values(), key=lambda m: FAMILIES.index(m.card.family))
    for names, values in ((METRICS, order), (CARDS, [m.card for m in order])):
        names.clear()
        names.update({m.card.name: value for m, value in zip(order, values, strict=True)})
    return list(own)


def _documented(found: Metric, doc: str) -> Metric:
    object.__setattr__(found, "__doc__", doc)
    return found
