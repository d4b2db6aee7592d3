import pytest

from zslib.metrics import CARDS
from zslib.metrics.catalog import AVERAGES, RECIPES, recipe


def test_every_metric_has_a_card_and_every_card_a_metric():
    assert set(CARDS) == set(RECIPES) | set(AVERAGES)
    assert {part for parts in AVERAGES.values() for part in parts} <= set(RECIPES)


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_a_card_says_what_a_reader_needs(card):
    assert card.range[0] < card.range[1]
    assert len(card.title) < 25
    for text in (card.reading, card.fooled_by):
        assert text.endswith(".")
        assert len(text) > 30
    assert card.formula.count("$") % 2 == 0
    assert "doi:" in card.reference


def test_a_metric_without_a_card_is_an_error():
    with pytest.raises(LookupError, match="no_such_metric has no card"):

        @recipe
        def no_such_metric(space):
            return None
