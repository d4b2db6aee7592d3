"""The profile `paper` from end to end on small files in the layout of the paper's datasets, from a local server.

    python benchmarks/paper.py [--results results-paper-standins] [--cores 2] [--target book]

Nothing else is reached but the package index, for wheels that are not in the cache, and so checkpoints are not available.
Every setting is that of the profile but the length of what is trained or drawn: see `SHORTER`. With `--target all` results
are made and no book is rendered. Called again it goes on where it was stopped.
"""

import argparse
import functools
import http.server
import os
import shutil
import sys
import threading
import time
from pathlib import Path

import yaml

from zslib.core import fetch, store
from zslib.workflow import grid, running

sys.path.insert(0, str(store.ROOT / "tests"))
from toy_paper import stand_ins

SHORTER = {
    "n_boot": 20,
    "altered": {"draws": 2},
    "parameters": {"scvi": {"max_epochs": 2}, "scgpt-random": {"max_length": 16}},
    "reconstruct": {"n_train": 60, "epochs": 1, "n_cells": 20, "n_large": 2, "n_genes": 200, "window": 32, "fractions": [0.25], "draws": 1, "n_boot": 20},
}  # fmt: skip
DATASET = """from dataclasses import replace

from zslib.datasets.{module} import CARD, read

CARD = replace(CARD, files=tuple(replace(file, url="{address}/" + file.name) for file in CARD.files))
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, *args):
        """Say nothing."""


def main() -> int:
    """Run and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", default="results-paper-standins")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--target", default="book", choices=("all", "book"))
    parser.add_argument("--port", type=int, default=8123, help="of the local server")
    given = parser.parse_args()
    started = time.perf_counter()
    folder = Path(given.results).resolve() / "stand-ins"
    (folder / "cache").mkdir(parents=True, exist_ok=True)
    for wheel in fetch.root().glob("*.whl"):
        shutil.copy(wheel, folder / "cache")
    handler = functools.partial(Quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", given.port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    profile = yaml.safe_load((grid.PROFILES / "paper.yaml").read_text()) | SHORTER
    for name in profile["datasets"]:
        for file, data in stand_ins()[name].items():
            (folder / file).write_bytes(data)
        module = name.replace("-", "_")
        (folder / f"{module}.py").write_text(DATASET.format(module=module, address=address))
    profile["datasets"] = [str(folder / f"{n.replace('-', '_')}.py") for n in profile["datasets"]]
    (folder / "paper.yaml").write_text(yaml.safe_dump(profile))
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1,pypi.org,files.pythonhosted.org"}
    os.environ |= {"ZSLIB_CACHE": str(folder / "cache"), **nowhere}
    asked = grid.load(str(folder / "paper.yaml"), results=given.results, device="cpu")
    status = running.run(asked, target=given.target, cores=given.cores, retry_failed=True)
    failed = running.failures(asked)
    server.shutdown()
    print(f"{time.perf_counter() - started:.0f} s, exit status {status}, {len(asked.runs)} runs")
    print(*failed, sep="\n", end="\n" * bool(failed))
    return status or bool(failed)


if __name__ == "__main__":
    sys.exit(main())
