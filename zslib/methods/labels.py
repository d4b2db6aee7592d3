"""Control: the answer itself."""

import numpy as np

from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="labels",
    title="labels (cheating)",
    family="control",
    summary=(
        "The cell-type labels themselves with a little noise. A ceiling in practice: no method that competes sees "
        "the labels. How high it is depends on the noise."
    ),
    recipe="One-hot labels plus normal noise of standard deviation 0.1 in every dimension.",
    caveat="It cheats. It is here so that a score can be read against the highest the metric can give.",
    citation="After the control methods of Luecken et al., Open Problems in Single-Cell Analysis",
    sees_labels=True,
    streams=True,
    cheap=True,
    color="#000000",
    marker="*",
)


def embed(adata, *, batch_key=None, seed=0, device="cpu", jitter: float = 0.1):
    """Jittered one-hot labels, shape (n_cells, n_labels)."""
    codes = adata.obs["label"].cat.codes.to_numpy()
    one_hot = np.eye(codes.max() + 1, dtype=np.float32)[codes]
    noise = np.random.default_rng(seed).standard_normal(one_hot.shape, dtype=np.float32)
    return one_hot + jitter * noise
