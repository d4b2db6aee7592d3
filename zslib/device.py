"""Where to compute, and on how many cores."""

import os


def pick_device(device: str):
    """Turn ``"auto"`` into the CUDA device where there is one, and into the CPU elsewhere; a torch device."""
    import torch

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)


def keep_threads() -> None:
    """Hold torch to ``OMP_NUM_THREADS`` where that is set: packages that start later raise it again.

    Two jobs of two threads each on two cores wait for each other, and take many times as long.
    """
    import torch

    if wanted := os.environ.get("OMP_NUM_THREADS", ""):
        torch.set_num_threads(int(wanted))
