"""Where to compute, on how many cores, and with which versions."""

import os
import platform
import resource
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from importlib import metadata

from zslib.core.errors import DataError

REPORTED_PACKAGES = (
    "anndata", "harmonypy", "numba", "numpy", "pandas", "scanpy", "scikit-learn", "scipy", "scvi-tools", "torch",
)  # fmt: skip


def pick_device(device: str):
    """Turn ``"auto"`` into the CUDA device where there is one, and into the CPU elsewhere; a torch device.

    Raises
    ------
    DataError
        If there is no such device here.
    """
    import torch

    there = torch.cuda.is_available()
    try:
        found = torch.device(("cuda" if there else "cpu") if device == "auto" else device)
    except RuntimeError:
        raise DataError(f"device is {device!r}; it must be auto, cpu or cuda.") from None
    if found.type == "cuda" and not there:
        raise DataError(f"device is {device!r}, but there is no GPU that torch can use: leave it at auto.")
    return found


def keep_threads() -> None:
    """Hold torch to ``OMP_NUM_THREADS`` where that is set: packages that start later raise it again.

    Two jobs of two threads each on two cores wait for each other, and take many times as long.
    """
    import torch

    if wanted := os.environ.get("OMP_NUM_THREADS", ""):
        torch.set_num_threads(int(wanted))


@contextmanager
def one_thread_each() -> Iterator[Callable]:
    """A ``map`` that is done by as many workers as torch has threads, each of which computes with one.

    Threads that share one operation wait for the slowest of them at its end, hundreds of times a batch; on a machine
    that others use too, one of them is always slow. Workers that share nothing but a queue never wait.
    """
    import torch

    if (n := torch.get_num_threads()) == 1:
        yield map
        return
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(n) as workers:
            yield workers.map
    finally:
        torch.set_num_threads(n)


def device_name(device: str) -> str:
    """What the device is called: the GPU's name, or the processor's architecture."""
    if not device.startswith("cuda"):
        return f"cpu ({platform.machine()})"
    import torch

    return torch.cuda.get_device_name(device)


def peak_memory_mb() -> int:
    """Peak resident memory of this process so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3))  # bytes there, kilobytes elsewhere


@cache
def versions() -> dict[str, str]:
    """Versions of Python, zslib and the packages that shape results; absent packages are left out."""
    found = {"python": platform.python_version(), "zslib": metadata.version("zslib")}
    for package in REPORTED_PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found
