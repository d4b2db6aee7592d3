"""What is said of unknown types, on results in which it is so and on results in which it is not."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from toy_tables import DISCOVERY, SCORES

from zslib import plots, tables
from zslib.core import store
from zslib.metrics.discovery.titration import TITRATED
from zslib.plots import theme
from zslib.results import Run, comparison, report, stages

NOISE = np.random.default_rng(0).normal(0, 0.002, (10, 300))


def write(results, *, easy, across=None, chance=0.45, titrated=(), name="toy"):
    """Novelty of methods within and across batches, {method: value}, the same for types a and b but for 0.1."""
    found = {"novelty_auroc": easy} | ({"novelty_across": across} if across else {})
    for i, method in enumerate(easy):
        run = Run(results, name, method, 0)
        stages.save(run, np.ones((4, 2)), {"status": "ok", "n_cells": 4})
        rows, replicates, of_type = [], {}, []
        for metric, values in found.items():
            for space in ("native", "pca50"):
                rows.append((name, method, 0, space, metric, values[method], 0.0, 0.0, 4, "higher"))
                replicates[f"{space}/{metric}"] = values[method] + NOISE[i] - NOISE[i].mean()
                for label, more in (("a", 0.1), ("b", -0.1), ("", 0)):
                    value = values[method] + more
                    of_type.append((name, method, 0, space, metric, label, 4, value, value, value, chance))
        for rule in TITRATED if method in titrated else ():
            for label in ("a", "b", ""):
                of_type.append((name, method, 0, "native", rule, label, 5, 1.0, 1.0, 1.0, np.nan))
        store.write_table(run.folder / "scores.parquet", pd.DataFrame(rows, columns=SCORES))
        store.write_table(run.folder / "discovery.parquet", pd.DataFrame(of_type, columns=DISCOVERY))
        store.write_table(run.folder / "replicates.parquet", pd.DataFrame(replicates))
    return comparison.Comparison(results, name, tuple(easy), (0,))


EASY = {"hvg": 0.66, "hvg-pca": 0.84, "scvi": 0.87}


def test_the_headline_is_a_new_batch_and_the_easy_case_is_named_so(tmp_path):
    runs = write(tmp_path, easy=EASY, across={"hvg": 0.70, "hvg-pca": 0.61, "scvi": 0.82})
    said = report.discovery(runs).data
    assert said.startswith("**scVI** has the highest Novelty AUROC, new batch, 0.82")
    assert "Chance, measured with labels shuffled within batches, is 0.45." in said
    assert "Hardest is b: no method gets beyond 0.72 for it." in said
    assert "HVG → PCA falls from 0.84 there to 0.61, below HVG (0.70), which it leads there." in said
    assert "one batch here" not in said
    front = report.unknown_types([runs]).data
    assert front.startswith("A type that one batch holds and no other, as in discovery, stands out most")
    assert "with **scVI** on toy (0.82" in front


@pytest.mark.parametrize(
    ("hvg_across", "pca_across", "said", "not_said"),
    [
        (0.60, 0.61, "HVG → PCA falls from 0.84 there to 0.61.", "below HVG"),
        (0.70, 0.84, "", "flatters"),
        (0.70, 0.90, "", "easy case"),
    ],
)
def test_the_easy_case_flatters_only_where_it_does(tmp_path, hvg_across, pca_across, said, not_said):
    across = {"hvg": hvg_across, "hvg-pca": pca_across, "scvi": 0.95}
    text = report.discovery(write(tmp_path, easy=EASY, across=across)).data
    assert said in text
    assert not_said not in text


def test_one_batch_has_the_easy_case_alone_and_says_so(tmp_path):
    one = write(tmp_path, easy=EASY)
    assert report.headline(one) == "novelty_auroc"
    assert report.discovery(one).data.startswith(
        "There is one batch here, so only the easy case can be asked. **scVI**"
    )
    two = write(tmp_path, easy=EASY, across=EASY, chance=0.5, name="two")
    front = report.unknown_types([two, one]).data
    first, second = front.split("Where there is one batch")
    assert "on two (0.87" in first
    assert "is 0.50." in first
    assert "on toy (0.87" in second
    assert "is 0.45." in second


def test_a_novelty_that_fails_its_controls_names_nobody(tmp_path):
    runs = write(tmp_path, easy=EASY | {"shuffled-labels": 0.9, "unintegrated": 0.8})
    why = "shuffled labels scores better than unintegrated, by 0.10"
    assert (
        f"No method is called best by Novelty AUROC, easy on toy: there it fails its controls ({why})."
        in report.discovery(runs).data
    )
    assert "**scVI**" not in report.unknown_types([runs]).data


def test_chance_is_the_last_row_of_the_figure_and_stands_beside_each_number(tmp_path):
    runs = write(tmp_path, easy=EASY)
    with mpl.rc_context({"figure.figsize": (theme.WIDTHS["wide"], 4)}):
        drawn, alt, *_ = plots.hidden_types.__wrapped__(runs)
    assert "labels shuffled from 0.45 to 0.45" in alt
    assert drawn.axes[0].get_yticklabels()[-1].get_text() == "labels shuffled"
    shown = tables.hidden_types(runs.discovery.query("method == 'scvi'")).data
    assert ' (0.45) <br/><span class="zs-ci">[' in shown
    assert ">–<" not in shown
    assert "–: not with any number tried" not in shown


def test_a_method_that_was_not_asked_for_few_cells_is_said_to_be_not_asked(tmp_path):
    runs = write(tmp_path, easy=EASY, titrated=("hvg",))
    html = tables.fewest_cells(runs).data
    rows = {line.split("</th>")[0].split(">")[-1]: line for line in html.split("<tr>")[2:]}
    assert "2 of 2, with 5<" in rows["HVG"]
    assert rows["scVI"].count("not asked") == 2
