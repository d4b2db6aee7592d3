"""A checkpoint in an official layout, all the way: fetched, verified, loaded, embedded, scored, shown."""

import hashlib
import os
import pickle
from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from loopback_hub import REPOSITORY, REVISION, serve
from scipy import sparse

from zslib.core import store
from zslib.datasets import prepare
from zslib.frozen import weights
from zslib.frozen.geneformer import files as geneformer_files
from zslib.frozen.geneformer import network as geneformer
from zslib.frozen.scgpt import files as scgpt_files
from zslib.frozen.scgpt import network as scgpt
from zslib.frozen.scgpt import vocabulary
from zslib.frozen.weights import catalog
from zslib.results import Run, embed, embedding, score
from zslib.workflow import grid, pages

# Narrower than published, but for the smallest one; ZSLIB_FULL_SIZE=1 takes all at full size.
SIZES = {
    "scgpt-human": {"embsize": 64, "nheads": 4, "d_hid": 64},
    "geneformer-v1-10m": {},
    "geneformer-v2-104m": {"hidden_size": 96, "num_attention_heads": 4, "intermediate_size": 96},
}
if os.environ.get("ZSLIB_FULL_SIZE"):
    SIZES = {name: {} for name in SIZES}
TENSORS = {"scgpt-human": 163, "geneformer-v1-10m": 107, "geneformer-v2-104m": 202}


def official_files(name, folder) -> dict[str, bytes]:
    """Files of an untrained network by role, in the published layout, with the published dictionaries."""
    from zslib.frozen.weights.readers import read_tensors

    sizes = SIZES[name]
    if name.startswith("scgpt"):
        vocab = vocabulary()
        path = scgpt_files.save(
            scgpt.ScGPT.untrained(scgpt.Config(ntoken=len(vocab), **sizes), 0), folder, vocab
        )
        found = {"settings": "args.json", "vocabulary": "vocab.json"}
        others = {role: (folder / file).read_bytes() for role, file in found.items()}
    else:
        config = replace(geneformer.V1_10M if "v1" in name else geneformer.V2_104M, **sizes)
        path = geneformer_files.save(geneformer.Geneformer.untrained(config, 0), folder)
        others = dictionaries(config.vocab_size, "v2" in name)
        others["settings"] = (folder / "config.json").read_bytes()
    assert len(read_tensors(path)) == TENSORS[name]
    return {"weights": path.read_bytes(), **others}


def symbols() -> list[str]:
    """Real gene symbols."""
    return list(vocabulary())[:1600]


def dictionaries(size: int, second: bool) -> dict[str, bytes]:
    """Pickled dictionaries with as many tokens as those of V1 or V2, for real symbols and made-up ids."""
    special = ["<pad>", "<mask>", "<cls>", "<eos>"][: 4 if second else 2]
    ids = [f"ENSG{i:011d}" for i in range(size - len(special))]
    medians = np.random.default_rng(0).gamma(2, 1, len(ids)) + 0.1
    names = {symbol.upper() if second else symbol: id_ for symbol, id_ in zip(symbols(), ids, strict=False)}
    content = {
        "tokens": {name: i for i, name in enumerate([*special, *ids])},
        "medians": dict(zip(ids, medians.tolist(), strict=True)),
        "names": names,
        "mapping": names if second else {id_: id_ for id_ in ids},
    }
    return {role: pickle.dumps(found) for role, found in content.items()}


@pytest.fixture(params=SIZES)
def published(request, tmp_path, monkeypatch):
    """The catalog's own card of a checkpoint with the hashes of an untrained one, offered by a hub on loopback."""
    name = request.param
    vocabulary()  # fetched into the user's cache, before that is another
    content = official_files(name, tmp_path)
    monkeypatch.setenv("ZSLIB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    card = weights.card(name)
    files = tuple(
        replace(
            file,
            bytes=len(content[file.role]),
            sha256=hashlib.sha256(content[file.role]).hexdigest(),
            revision=None,
        )
        for file in card.files
    )
    card = replace(card, files=files, repository=REPOSITORY, revision=REVISION)
    monkeypatch.setitem(catalog.CARDS, name, card)
    with serve() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        hub.files = {file.path: content[file.role] for file in files}
        yield name


def human_cells():
    """Cells of three made-up types over real gene symbols, prepared."""
    rng = np.random.default_rng(0)
    kind = np.arange(90) % 3
    rate = (0.05 + rng.gamma(0.4, 1.0, 1600)) * np.ones((90, 1))
    for k in range(3):
        rate[np.ix_(kind == k, range(k * 50, k * 50 + 50))] += 4
    counts = sparse.csr_matrix(rng.poisson(rate).astype(np.float32))
    obs = pd.DataFrame(
        {
            "label": pd.Categorical([f"type {k}" for k in kind]),
            "batch": pd.Categorical(np.where(rng.random(90) < 0.5, "a", "b")),
        },
        index=[f"cell{i}" for i in range(90)],
    )
    var = pd.DataFrame({"symbol": symbols()}, index=symbols())
    return prepare.prepare(ad.AnnData(obs=obs, var=var, layers={"counts": counts}), n_cells=None, min_cells=1)


@pytest.mark.slow
@pytest.mark.notebook
def test_from_the_hub_to_a_page(published, tmp_path):
    name = published
    assert not weights.available(name)
    assert name not in grid.load("smoke").methods
    adata = human_cells()
    prepare.write(adata, store.prepared_path(tmp_path / "results", "human"))
    asked = {"device": "cpu", "parameters": {"max_length": 64}}
    this = Run(tmp_path / "results", "human", name, 0)
    # The first use fetches them.
    embed(this, adata, name, **asked)
    assert [s.state for s in weights.verify(name)] == ["ok"] * len(weights.card(name).files)
    assert name in grid.load("smoke").methods  # and from then on they join every profile
    assert this.embedding.shape[0] == adata.n_obs
    again, _ = embedding.compute(adata, name, device="cpu", max_length=64)
    np.testing.assert_allclose(again, this.embedding, atol=1e-5)
    scores = score(this, adata, n_boot=10, device="cpu")
    assert scores["value"].notna().all()
    # The page takes what is stored; run here, since a kernel would not know this hub.
    template = pages.read(store.ROOT / "notebooks" / "run.ipynb")
    parameters, *code = [c.source for c in template.cells if c.cell_type == "code"]
    page = {}
    exec(parameters, page)
    page |= {"results": str(tmp_path / "results"), "dataset": "human", "method": name, "n_boot": 10, **asked}
    written = (this.folder / "run.json").stat().st_mtime_ns
    for source in code:
        exec(source, page)
    assert (this.folder / "run.json").stat().st_mtime_ns == written
    assert "Weights (SHA-256)" in page["tables"].provenance(this.about).data


@pytest.mark.slow
def test_shuffling_genes_changes_the_embedding_of_published_weights(published):
    control = f"{weights.card(published).network}-permuted"
    if published == "geneformer-v2-104m":
        pytest.skip("the permuted control is that of V1")
    adata = human_cells()
    one, _ = embedding.compute(adata, published, device="cpu", max_length=16)
    two, run = embedding.compute(adata, control, device="cpu", max_length=16)
    assert one.shape == two.shape
    assert np.abs(one - two).max() > 1e-3
    assert run["method"] == control
