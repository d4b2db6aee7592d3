"""Peak memory of embedding a file, for a small file and for one of a million cells.

    python benchmarks/memory.py [--cells 10000 1000000] [--folder DIR]

The file repeats the cells of kang. Tokenizer and engine are the real ones, at full length; the network is
Geneformer's embedding layer alone, since time is not the question and its batches are of the same size however many
cells there are. Each size runs in a process of its own.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PIECE = 10_000  # cells written at a time


def tile(path: Path, n_cells: int) -> None:
    """Write a file of that many cells, repeating those of kang."""
    import h5py
    from anndata.io import write_elem

    from zslib import datasets

    kang = datasets.load("kang")
    counts = kang.layers["counts"]
    rows = np.resize(np.arange(kang.n_obs), n_cells)
    with h5py.File(path, "w") as file:
        write_elem(file, "var", kang.var)
        group = file.create_group("X")
        group.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0"})
        group.attrs["shape"] = (n_cells, kang.n_vars)
        data = group.create_dataset("data", (0,), "f4", maxshape=(None,), chunks=(1 << 18,))
        indices = group.create_dataset("indices", (0,), "i4", maxshape=(None,), chunks=(1 << 18,))
        indptr = np.concatenate([[0], np.cumsum(np.diff(counts.indptr)[rows].astype(np.int64))])
        group.create_dataset("indptr", data=indptr)
        for start in range(0, n_cells, PIECE):
            piece = counts[rows[start : start + PIECE]]
            for target, values in ((data, piece.data), (indices, piece.indices)):
                target.resize((len(target) + len(values),))
                target[-len(values) :] = values


def embed(path: Path) -> None:
    """Embed a file and print the peak of this process's memory in MB."""
    from zslib import frozen
    from zslib.frozen import geneformer

    with frozen.in_file(path) as cells:
        dictionaries = geneformer.own_dictionaries(cells.read(0, 5000), cells.var)
        network = geneformer.untrained(dictionaries, 0)
        model = geneformer.frozen(network, dictionaries, cells, "random", layer=0)
        frozen.embed(
            model, cells, device="cpu", partial=path.with_suffix(".npy"), progress=sys.stderr.isatty()
        )
    print(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3))


def main() -> None:
    """Make the files, embed each in a process of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--folder", help="where the files go; six gigabytes for a million cells")
    parser.add_argument("--embed", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.embed:
        return embed(Path(arguments.embed))
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for n_cells in arguments.cells:
            path = Path(folder) / f"{n_cells}.h5ad"
            subprocess.run(
                [sys.executable, "-c", f"import memory; memory.tile(memory.Path({str(path)!r}), {n_cells})"],
                check=True,
                cwd=Path(__file__).parent,
            )
            peak = subprocess.run(
                [sys.executable, __file__, "--embed", str(path)],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            ).stdout.strip()
            print(f"{n_cells:>9,} cells: peak {peak} MB", flush=True)
            path.unlink()
    return None


if __name__ == "__main__":
    main()
