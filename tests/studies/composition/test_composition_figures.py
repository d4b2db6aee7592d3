"""Figures say in words what they show."""

from zslib.studies.composition import differences, figures, published, saturation


def test_every_figure_says_what_it_shows(monkeypatch):
    said, captions = [], []
    monkeypatch.setattr(
        "zslib.plots.theme.show", lambda _, alt, caption, **__: (said.append(alt), captions.append(caption))
    )
    scores = published.read()
    random, baselines = published.at_random(scores), published.baselines(scores)
    figures.learning_curves(random, baselines, published.MODELS, "% of the corpus")
    figures.differences({"100 less 1": differences.between(random, 1, 100)})
    figures.saturation_points(saturation.points(random))
    figures.schemes(differences.of_schemes(scores))
    assert "Geneformer on renal 0.27, 0.31, 0.31, 0.32, 0.33, 0.34, 0.32" in said[0]
    assert "renal 0.48 and 0.57" in said[0]
    assert "Geneformer on renal +0.01" in said[1]
    assert "Geneformer on renal, of the maximum: 50 %" in said[2]
    assert captions[0].startswith("Mean AvgBIO: ")
    assert " with 1 % and " in captions[0]
    assert captions[0].endswith("Gray curves are suspect.")
    assert captions[2].startswith("Of 21 curves ")
    assert "by the published rule and" in captions[2]
    assert "types alike, PCA, pre-trained +0.00" in said[3]
    assert captions[3].startswith("39 of 273 differences are above zero beyond their interval and 19 below.")
