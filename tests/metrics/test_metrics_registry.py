import re
from pathlib import Path

import numpy as np
import pytest

from zslib import metrics
from zslib.core.errors import DataError
from zslib.metrics import CARDS, METRICS, registry
from zslib.metrics.card import FAMILIES

FOLDER = Path(metrics.__file__).parent


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_a_card_says_what_a_reader_needs(card):
    assert card.range[0] < card.range[1]
    assert len(card.title) < 25
    for text in (card.reading, card.fooled_by):
        assert text.endswith(".")
        assert len(text) > 30
    assert card.formula.count("$") % 2 == 0
    assert "doi:" in card.reference or "bbaf239" in card.reference


def test_every_metric_is_a_function_of_its_name():
    for name, found in METRICS.items():
        assert getattr(metrics, name) is found
        assert found.statistic is None or found.statistic.__name__ == name
        assert found.card is CARDS[name]
        assert found.__doc__


def test_every_metric_of_a_family_is_found_in_the_order_of_files_and_of_places_in_them():
    written = []
    for family in FAMILIES:
        for path in sorted((FOLDER / family).glob("*.py")):
            names = re.findall(r"^(?:def )?(\w+)(?: = |\()", path.read_text(), re.MULTILINE)
            written += [name for name in names if name in METRICS]
            assert {CARDS[name].family for name in names if name in METRICS} <= {family}
    assert list(CARDS) == list(METRICS) == written


def test_averages_are_of_metrics_there_are():
    averages = {name: found.parts for name, found in METRICS.items() if found.parts}
    assert averages == {
        "avg_bio": ("asw_label", "nmi_louvain", "ari_louvain"),
        "avg_batch": ("pcr_comparison", "asw_batch"),
    }


OWN = """
from zslib.metrics.card import MetricCard
from zslib.metrics.registry import metric


@metric(
    MetricCard(
        name="NAME", title="Mine", family="batch", range=(0.0, 1.0), better="higher", formula="one",
        reading="It is one for every embedding.", fooled_by="Nothing, since it is a constant.", reference="None",
    )
)
def mine(space):
    return 1.0
"""


@pytest.fixture
def own(tmp_path):
    """Writes a file with a metric of some name; what was entered leaves again."""
    before = dict(METRICS)

    def write(name):
        (tmp_path / "own.py").write_text(OWN.replace("NAME", name))
        return str(tmp_path / "own.py")

    yield write
    for entered, kept in ((METRICS, before), (CARDS, {name: m.card for name, m in before.items()})):
        entered.clear()
        entered.update(kept)


def test_a_file_of_ones_own_is_entered_after_its_family(own):
    assert registry.add(own("mine")) == registry.add(own("mine")) == ["mine"]
    names = list(METRICS)
    families = [CARDS[name].family for name in names]
    assert families[names.index("mine") : names.index("mine") + 2] == ["batch", "geometry"]
    assert METRICS["mine"](np.random.default_rng(0).standard_normal((5, 2))) == 1


def test_what_is_no_metric_is_refused(own, tmp_path):
    with pytest.raises(DataError, match="there is a metric 'bras' already"):
        registry.add(own("bras"))
    (tmp_path / "empty.py").write_text("")
    with pytest.raises(DataError, match="holds no metric"):
        registry.add(tmp_path / "empty.py")
    with pytest.raises(DataError, match="There is no file"):
        registry.chosen([str(tmp_path / "none.py")])
    with pytest.raises(
        DataError, match=re.escape("There is no metric ari, nmi. There are: avg_bio, asw_label")
    ):
        registry.chosen(["nmi", "ari", "asw_label"])
    with pytest.raises(DataError, match="one name"):
        registry.chosen("avg_bio")


def test_what_a_metric_looks_at_must_be_given(cells):
    with pytest.raises(DataError, match="no label was given"):
        metrics.knn_purity(cells.X)


def test_what_a_metric_does_not_say_it_needs_it_does_not_get(cells):
    space = metrics.Space.of(cells.X, cells.label, cells.batch, pairs=frozenset({"near"}))
    assert space.neighbors.indices.shape == (400, 14)
    with pytest.raises(LookupError, match="own: not looked for"):
        metrics.kbet_per_label.of(space)
