"""What a profile asks for."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path

import yaml

from zslib import datasets, methods
from zslib.core import registry, store
from zslib.core.errors import DataError
from zslib.frozen import weights

PROFILES = Path(__file__).parent / "profiles"


@dataclass(frozen=True)
class Grid:
    """A grid of dataset × method × seed; the content of ``results/grid.json``."""

    profile: str
    results: str
    datasets: dict[str, str]
    """Name → the name again, or the path of a file of the user's own."""
    methods: dict[str, str]
    seeds: list[int]
    n_cells: int | None
    n_boot: int
    more_seeds: dict[str, list[int]] = field(default_factory=dict)
    """Seeds that a method takes besides: where nothing but luck sets a draw of weights, one says little."""
    parameters: dict[str, dict] = field(default_factory=dict)
    altered: dict = field(default_factory=dict)
    """How often cells are drawn anew, ``draws``, see :func:`zslib.results.robustness.compute`."""
    repeats: dict = field(default_factory=dict)
    """In how many ``draws`` of what ``share`` of the cells embeddings are scored again; see :mod:`zslib.results.repeats`."""
    alter_all: bool = False
    """Whether every method that is compared is run again on cells drawn and altered anew, and not the cheap ones alone."""
    reconstruct: dict = field(default_factory=dict)
    """How much networks are asked for expression; see :class:`zslib.studies.expression.cards.Settings`."""
    tuning: dict = field(default_factory=dict)
    """How much small models are fine-tuned; see :class:`zslib.studies.tuning.cards.Settings`."""
    composition: dict | None = None
    """What is pre-trained on subsets of what; see :class:`zslib.studies.composition.cards.Settings`. None: nothing."""
    baseline: str = "hvg"
    """The method from which pages of datasets show paired differences."""
    device: str = "auto"
    threads: int = 1
    cluster_gpus: bool | None = None
    """Whether the nodes of the cluster that it runs on have GPUs; None where it runs on one machine."""

    def seeds_of(self, method: str) -> list[int]:
        """All seeds of a method, first those of every method."""
        return [*self.seeds, *(s for s in self.more_seeds.get(method, ()) if s not in self.seeds)]

    @property
    def runs(self) -> list[tuple[str, str, int]]:
        """Dataset, method and seed of every run."""
        return [(d, m, s) for d in self.datasets for m in self.methods for s in self.seeds_of(m)]

    @property
    def redrawn(self) -> dict[str, dict]:
        """Methods that are run again on cells drawn and altered anew, each with its parameters."""
        cards = {spec: methods.card(spec) for spec in self.methods.values()}
        asked = [s for s, card in cards.items() if card.cheap or (self.alter_all and card.compared)]
        return {spec: self.parameters.get(cards[spec].name, {}) for spec in asked}

    @property
    def path(self) -> str:
        """Where the grid writes itself down."""
        return f"{self.results}/grid.json"

    def gpus(self, method: str | None = None) -> int:
        """How many GPUs a job asks for, by its method if it is of one; told without loading torch.

        On one machine every job that is told a device must take its turn, on a cluster those alone that are slow without.
        """
        if self.device == "cpu":
            return 0
        if self.cluster_gpus is None:
            return int(self.device == "cuda" or Path("/dev/nvidiactl").exists())
        spec = self.methods.get(method, "")
        return int(
            self.cluster_gpus and (method is None or spec.endswith(registry.OWN) or methods.card(spec).slow)
        )

    @cached_property
    def pages(self) -> dict[str, str]:
        """Every executed page: where it goes in the book → the notebook. The first seed is the one shown."""
        found = {"index.ipynb": f"{self.results}/page.ipynb"}
        for dataset in self.datasets:
            found[f"runs/{dataset}.ipynb"] = f"{self.results}/{dataset}/page.ipynb"
            found[f"expression/{dataset}.ipynb"] = f"{self.results}/{dataset}/expression/page.ipynb"
            for method in self.methods:
                notebook = f"{self.results}/{dataset}/{method}/{self.seeds[0]}/page.ipynb"
                found[f"runs/{dataset}/{method}.ipynb"] = notebook
        for source in sorted((store.BOOK / "chapters").glob("*.md")):
            found[f"chapters/{source.stem}.ipynb"] = f"{self.results}/chapters/{source.stem}.ipynb"
        return found

    @property
    def prose(self) -> list[str]:
        """Pages and settings of the book that are used as they are."""
        made = {store.BOOK / page for page in self.pages}
        book = [p for p in store.BOOK.rglob("*") if p.is_file() and p not in made]
        book = [p for p in book if not {"runs", "expression"} & set(p.parts)]
        settings = [store.ROOT / name for name in ("_config.yml", "_toc.yml", "CHANGELOG.md", "CITATION.cff")]
        return sorted(str(p.relative_to(store.ROOT)) for p in settings + book)


def profiles() -> list[str]:
    """Names of the profiles there are."""
    return sorted(p.stem for p in PROFILES.glob("*.yaml"))


def load(
    profile: str = "default",
    *,
    results: str | None = None,
    device: str = "auto",
    threads: int = 1,
    added: Sequence[str] = (),
    **chosen,
):
    """Read a profile, with what the command line chose in its place.

    Parameters
    ----------
    profile
        Name of a profile, or path of a YAML file with the same keys.
    results
        Folder for results; by default ``results`` for the default profile and ``results-<profile>`` for the
        others, so that a quick run never overwrites a long one.
    device
        ``"auto"``, ``"cpu"`` or ``"cuda"``.
    threads
        Cores each job may use.
    added
        Methods besides those of the profile, or those chosen.
    chosen
        ``datasets``, ``methods``, ``seeds``, ``n_cells``, ``baseline``: used in place of the profile's unless ``None``.

    Raises
    ------
    DataError
        If the profile, a dataset or a method does not exist, or the baseline is none of the methods.
    """
    path = Path(profile) if profile.endswith((".yaml", ".yml")) else PROFILES / f"{profile}.yaml"
    if not path.is_file():
        raise DataError(
            f"no profile {profile!r}; there are {', '.join(profiles())}, or give the path of a .yaml"
        )
    content = yaml.safe_load(path.read_text()) | {k: v for k, v in chosen.items() if v}
    if chosen.get("seeds"):
        content["more_seeds"] = {}
    known = {field.name for field in fields(Grid)}
    if unknown := set(content) - known:
        raise DataError(
            f"{path} has {', '.join(sorted(unknown))}; a profile may hold {', '.join(sorted(known))}"
        )
    content["datasets"] = {datasets.card(spec).name: _absolute(spec) for spec in content["datasets"]}
    if not chosen.get("methods"):
        content["methods"] = [*content["methods"], *_with_weights(content["methods"])]
    content["methods"] = {methods.card(spec).name: _absolute(spec) for spec in [*content["methods"], *added]}
    if content.get("baseline", default := _baseline(content["methods"])) not in content["methods"]:
        raise DataError(
            f"the baseline {content['baseline']!r} is none of the methods that are run: {', '.join(content['methods'])}"
        )
    content.setdefault("baseline", default)
    more = {methods.card(name).name: seeds for name, seeds in content.get("more_seeds", {}).items()}
    content["more_seeds"] = {name: seeds for name, seeds in more.items() if name in content["methods"]}
    folder = "results" if path.stem == "default" else f"results-{path.stem}"
    results = os.path.abspath(results) if results else folder
    return Grid(profile=path.stem, results=results, device=device, threads=threads, **content)


def _baseline(listed: dict[str, str]) -> str:
    """HVG where it is run; else the first baseline, or the first method."""
    found = [name for name, spec in listed.items() if methods.card(spec).family == "baseline"]
    return "hvg" if "hvg" in found else next(iter([*found, *listed]))


def _with_weights(listed: Sequence[str]) -> list[str]:
    """Methods that a profile does not list and whose published weights are here: they join it."""
    cards = [methods.card(name) for name in methods.names() if name not in listed]
    return [card.name for card in cards if card.checkpoint and weights.available(card.checkpoint)]


def _absolute(spec: str) -> str:
    """Make the path of a user's own file hold from any working directory."""
    return os.path.abspath(spec) if spec.endswith(registry.OWN) else spec


def read(path: str | Path) -> Grid:
    """Read a grid that was written down by :func:`zslib.workflow.running.run`; its results are those beside it, wherever they were made."""
    path = store.find(path)
    return Grid(**json.loads(path.read_text()) | {"results": str(path.parent)})


def names(given: Sequence[str] | None) -> list[str] | None:
    """Flatten what a repeatable, comma-separated option was given."""
    return [name for item in given for name in item.split(",") if name] if given else None
