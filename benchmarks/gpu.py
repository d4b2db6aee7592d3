"""Everything this project does on a GPU, tried and timed by one command that ends within eight minutes.

    python benchmarks/gpu.py                            on the GPU, every part
    python benchmarks/gpu.py --part speed --part model  some parts
    python benchmarks/gpu.py --device cpu --small       whether every part runs: under a minute, without a GPU

Writes one table, as JSON and as Markdown beside it, and prints it. Each part is a process of its own with so many
seconds: a fault costs that part alone, and what it measured before stays. Exits with 1 if anything has failed.
What `carry.py` left in `.carry/` is used where it is; see README.md here.
"""

import argparse
import contextlib
import datetime
import importlib
import importlib.util
import json
import os
import platform
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CARRIED = ROOT / ".carry"
CELLS = "ZSLIB_GPU_CELLS"
PARTS = {
    # name: module, and its share of the time in parts of 480
    "behavior": ("behavior", 40),
    "model": ("model", 30),
    "agreement": ("agreement", 100),
    "training": ("training", 110),
    "speed": ("speed", 125),
    "metrics": ("metrics_speed", 75),
}
BEGIN = 0.85  # share of its time after which a part begins nothing new
VERSIONS = ("torch", "numpy", "scipy", "numba", "scikit-learn", "pandas", "anndata", "transformers")


def prepare(folder: Path, small: bool) -> dict[str, str]:
    """Unpack what was carried, if anything, and return the environment that parts run in."""
    path = [str(HERE), str(ROOT)]
    archive = CARRIED / "packages.tar.xz"
    lacking = [name for name in ("anndata", "transformers") if importlib.util.find_spec(name) is None]
    if lacking and archive.exists():
        with tarfile.open(archive) as packed:
            packed.extractall(folder / "packages", filter="data")
        path.append(str(folder / "packages"))
    os.environ["PYTHONPATH"] = os.pathsep.join([*path, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    sys.path[:0] = path
    if (CARRIED / "scgpt-0.2.4-py3-none-any.whl").exists():
        os.environ.setdefault("ZSLIB_CACHE", str(CARRIED))
    cells = CARRIED / "kang.npz"
    if not cells.exists():
        from carry import write_cells

        cells = folder / "kang.npz"
        write_cells(cells, 300 if small else 3000)
    return os.environ | {CELLS: str(cells)}


def about(device: str, small: bool) -> dict[str, str]:
    """Where and when this is run, and with what."""
    import torch

    import zslib

    found = {"date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"), "device": device}
    if device == "cuda":
        found["card"] = torch.cuda.get_device_name()
        found["memory"] = f"{torch.cuda.get_device_properties(0).total_memory / 2**30:.0f} GiB"
        asked = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
            found["driver"] = said.split("\n")[0].strip()
        found["CUDA"] = str(torch.version.cuda)
    found |= {"processor": f"{platform.machine()}, {os.cpu_count()} cores"}
    found |= {"python": platform.python_version(), "zslib": zslib.__version__}
    found |= {name: metadata.version(name) for name in VERSIONS}
    if small:
        found["size"] = "small: it shows that every part runs, and its numbers mean nothing"
    return found


def run_part(name: str, end: float, arguments: list[str], environment: dict[str, str], folder: Path):
    """Run a part in a process of its own until a time at most, and return its rows with what became of it."""
    from gpu_parts.record import COLUMNS, FAILED

    started, reason = time.monotonic(), ""
    seconds = end - started
    path, log = folder / f"{name}.json", folder / f"{name}.txt"
    command = [sys.executable, str(Path(__file__).resolve()), "--worker", str(path), "--part", name]
    command += ["--seconds", str(BEGIN * seconds), *arguments]
    with open(log, "w") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said, start_new_session=True)
        try:
            if code := process.wait(timeout=seconds):
                reason = f"ended with {code}: {(log.read_text().strip().splitlines() or [''])[-1][:200]}"
        except subprocess.TimeoutExpired:
            reason = f"stopped after {seconds:.0f} s"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)  # with what it has started
                process.wait()
    rows = json.loads(path.read_text()) if path.exists() else []
    took, outcome = time.monotonic() - started, FAILED if reason else "ok"
    last = (name, "the whole part", "time", took, "s", None, outcome, reason)
    return [*rows, dict(zip(COLUMNS, last, strict=True))]


def run_parts(names: list[str], seconds: float, small: bool, *arguments):
    """Run parts in turn: each has its share of the time, and what those before it left. Small ones go by twos."""
    shares = np.cumsum([PARTS[name][1] for name in names])
    ends = time.monotonic() + seconds * shares / shares[-1]
    with ThreadPoolExecutor(2 if small else 1) as pool:
        yield from pool.map(lambda name, end: run_part(name, end, *arguments), names, ends)


def work(name: str, path: Path, seconds: float, device: str, small: bool) -> None:
    """Run a part in this process."""
    from gpu_parts.given import Given
    from gpu_parts.record import Record

    record = Record(name, path, seconds)
    importlib.import_module(f"gpu_parts.{PARTS[name][0]}").run(Given(device, small), record)


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", action="append", choices=PARTS, help="may be repeated; all if left out")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--seconds", type=float, default=460, help="for all parts together")
    parser.add_argument("--small", action="store_true", help="few cells, networks of a few layers")
    parser.add_argument("--out", type=Path, default=ROOT / "_build" / "gpu.json", help="the JSON file")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        work(given.part[0], given.worker, given.seconds, given.device, given.small)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        environment = prepare(Path(folder), given.small)
        from gpu_parts.record import FAILED, markdown

        from zslib.core.device import pick_device

        device = pick_device(given.device).type
        facts, rows = about(device, given.small), []
        given.out.parent.mkdir(parents=True, exist_ok=True)
        names = [name for name in PARTS if name in (given.part or PARTS)]
        arguments = ["--device", device, *(["--small"] if given.small else [])]
        for found in run_parts(names, given.seconds, given.small, arguments, environment, Path(folder)):
            rows += found
            # After each part, so that what was measured is there even if this is stopped.
            found_so_far = {"about": facts, "rows": rows}
            given.out.write_text(json.dumps(found_so_far, indent=1, ensure_ascii=False) + "\n")
            given.out.with_suffix(".md").write_text(markdown(facts, rows))
            print(f"{found[-1]['part']}: {found[-1]['value']:.0f} s, {found[-1]['outcome']}", flush=True)
    print(given.out.with_suffix(".md").read_text())
    failed = [row for row in rows if row["outcome"] == FAILED]
    for row in failed:
        print(f"failed: {row['part']}, {row['what']} {row['measure']}: {row['value']} {row['note']}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
