"""What the front page says of labels, and of scores that name nobody best."""

from types import SimpleNamespace

import pytest

from zslib.methods.card import MethodCard
from zslib.results.report import front


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["kang", "li"], "made by clustering the RNA itself on kang; known before sequencing on li."),
        (["li"], "The labels are known before sequencing on li."),
        (["kang", "hao"], "made by clustering the RNA itself on kang; of unstated origin on hao."),
    ],
)
def test_the_front_page_says_which_labels_came_from_clustering_rna(names, said):
    text = front._labels(SimpleNamespace(datasets={name: name for name in names}))
    assert said in text
    assert "Continuous biology, such as development, is in none of them." in text


@pytest.mark.parametrize("why", ["", "noise scores better than data, by 0.20"])
def test_a_score_that_fails_its_controls_is_said_to_name_nobody(monkeypatch, why):
    runs = SimpleNamespace(
        dataset="toy",
        rivals=["hvg"],
        ran=["hvg"],
        value=lambda *_: SimpleNamespace(value=0.99, ci_low=0, ci_high=1),
    )
    monkeypatch.setattr(front.ladder, "unfit", lambda *_, **__: why)
    monkeypatch.setattr(front.ladder, "leaders", lambda *_, **__: [] if why else ["hvg"])
    monkeypatch.setattr(front.ladder, "climbed", lambda _: [])
    failing = f"No method is called best by Average batch score on toy: there it fails its controls ({why})."
    best = "Best at mixing batches (Average batch score, where random numbers reach 0.99): **HVG** on toy (0.99 [0.00, 1.00])."
    assert front._led([runs], "avg_batch") == (failing if why else best)


def test_published_models_come_first_then_baselines_then_floor_and_ceiling_and_no_minis():
    names = ("random", "hvg", "scgpt-mini-kang", "labels", "scgpt-random", "geneformer-v1-10m", "scgpt-human")
    runs = [SimpleNamespace(methods=names, ran=list(names))]
    found = front.front_methods(runs)
    assert found[2:] == ["hvg", "random", "labels"]
    assert set(found[:2]) == {"geneformer-v1-10m", "scgpt-human"}


def test_embeddings_of_a_checkpoint_that_came_from_elsewhere_are_its_model(monkeypatch):
    hosted = MethodCard(name="hosted", title="Hosted", family="foundation", in_record=("scgpt-human",))
    baseline = MethodCard(name="hvg", title="HVG", family="baseline", in_record=("HVG",))
    monkeypatch.setattr(front.methods, "names", lambda: ["hosted", "hvg"])
    monkeypatch.setattr(front.methods, "card", {"hosted": hosted, "hvg": baseline}.get)
    assert front.foundation_models() == {"scGPT": ["hosted"], "Geneformer": []}
    assert front._absent(["hosted"]) == ["Geneformer"]
