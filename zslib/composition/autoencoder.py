"""A masked autoencoder of expression: half of the genes are hidden, and all of them predicted.

As the self-supervised model of DenAdel et al.: a multilayer perceptron that reads log expression with half of
it set to zero, AdamW with weight decay 0.01 and dropout 0.1; smaller here.
"""

import numpy as np
import torch
from torch import nn

HIDDEN, LATENT = 128, 32
MASKED, DROPOUT = 0.5, 0.1
BATCH, RATE, DECAY = 64, 1e-3, 0.01


class Autoencoder(nn.Module):
    """Two layers down to the latent features, two layers up."""

    def __init__(self, n_genes: int):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(n_genes, HIDDEN), nn.ReLU(), nn.Dropout(DROPOUT), nn.Linear(HIDDEN, LATENT)
        )
        self.decoder = nn.Sequential(
            nn.ReLU(), nn.Linear(LATENT, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, n_genes)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (B, n_genes) to (B, n_genes)."""
        return self.decoder(self.encoder(x))


def train(X, *, steps: int, seed: int, device) -> Autoencoder:
    """Train on cells.

    Parameters
    ----------
    X
        Log expression, CSR of shape (n_cells, n_genes).
    steps
        Steps of the optimizer; 0 leaves the network as it is drawn.
    seed
        Of the weights, the cells of a step and the genes hidden.
    device
        Where to compute.

    Returns
    -------
    The network in evaluation mode.
    """
    device, rng = torch.device(device), np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        model = Autoencoder(X.shape[1]).to(device).train()
        optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY, fused=True)
        for _ in range(steps):
            rows = rng.integers(X.shape[0], size=BATCH)
            x = torch.from_numpy(X[rows].toarray()).to(device)
            hidden = torch.rand_like(x) < MASKED
            # Zeros in place of what was shown: to pick out the others takes longer than the network does.
            error = (model(x.masked_fill(hidden, 0)) - x).masked_fill(~hidden, 0)
            loss = (error**2).sum() / hidden.sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


def embed(model: Autoencoder, X, device) -> np.ndarray:
    """Latent features of cells shown whole, shape (n_cells, 32)."""
    with torch.inference_mode():
        return model.encoder(torch.from_numpy(X.toarray()).to(device)).cpu().numpy()
