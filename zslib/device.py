"""Where to compute."""


def pick_device(device: str):
    """Turn ``"auto"`` into the CUDA device where there is one, and into the CPU elsewhere; a torch device."""
    import torch

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)
