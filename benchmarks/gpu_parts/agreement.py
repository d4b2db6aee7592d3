"""Whether the card finds what the CPU finds: tokens, embeddings, heads, and every metric with its interval."""

import numpy as np
import torch

from gpu_parts.given import (
    PRECISIONS,
    SCGPT,
    SCGPT_ALL,
    V1,
    V2,
    Given,
    apart,
    avg_bio,
    embed,
    on_device,
    release,
)
from gpu_parts.record import Record
from zslib import metrics

EMBEDDING = 1e-4  # of the largest distance of two embeddings of a cell, by their length
HEAD = 1e-4  # of the largest difference of two predictions, by the largest prediction
SCORE = 1e-6


def run(given: Given, record: Record) -> None:
    """Compare everything, the quickest first."""
    record.attempt("metrics", scores, given, record)
    for name in (SCGPT, SCGPT_ALL, V1, V2):
        model = record.attempt(name, given.model, name)
        if model is None:
            continue
        record.attempt(f"{name}: tokens", tokens, given, record, name, model)
        record.attempt(f"{name}: heads", heads, given, record, name, model)
        record.attempt(f"{name}: embedding", embeddings, given, record, name, model)
        del model
        release(given.device)


def tokens(given: Given, record: Record, name: str, model) -> None:
    """Send tokens to the device as the engine does, and look at what arrived; and each cell by itself."""
    n = given.pick(256, 16)
    counts = given.cells.layers["counts"][:n]
    together = model.tokenize(counts)
    wrong = 0
    for array in together.padded(np.arange(n)):
        sent = torch.from_numpy(array)
        if given.device == "cuda":
            sent = sent.pin_memory().to("cuda", non_blocking=True)
        wrong += int((sent.cpu().numpy() != array).sum())
    for row in range(0, n, 8):
        alone = model.tokenize(counts[row]).padded(np.arange(1))
        rows = together.padded(np.array([row]))
        wrong += sum(int((a != b).sum()) for a, b in zip(alone, rows, strict=True))
    record.add(name, "tokens that differ on the device, or where a cell is by itself", wrong, bound=0)


def heads(given: Given, record: Record, name: str, model) -> None:
    """Predictions of genes (MLM) or of values (GEP, GEPC, and GEP of genes that are not shown)."""
    n = given.pick(8, 4)
    *arrays, mask = model.tokenize(given.cells.layers["counts"][:n]).padded(np.arange(n))

    def compare(measure, predict) -> None:
        def placed(device):
            moved = [torch.from_numpy(array).to(device) for array in (*arrays, mask)]
            return on_device(model, lambda network: predict(network, *moved), device)

        here, there = placed("cpu"), placed(given.device)
        record.add(
            name, measure, np.abs(there - here).max() / np.abs(here).max(), "of the largest", bound=HEAD
        )

    if name in (V1, V2):
        compare("MLM, float32 against CPU", lambda net, genes, seen: net.logits(genes, seen, at=seen))
        return
    compare("GEP, float32 against CPU", lambda net, g, v, seen: net.decode(net.hidden(g, v, seen))[seen])
    compare(
        "GEPC, float32 against CPU",
        lambda net, g, v, seen: net.decode_cell(net.hidden(g, v, seen)[:, 0], g)[seen],
    )
    compare(
        "GEP of hidden genes, float32 against CPU",
        lambda net, g, v, seen: net.decode(
            net.generate(g[:, :100], v[:, :100], g[:, 100:164], seen[:, :100])[1]
        )[seen[:, 100:164]],
    )


def embeddings(given: Given, record: Record, name: str, model) -> None:
    """Embed a few cells on both, and more cells on the device in each precision."""
    few, more = given.some(given.pick(24, 12)), given.some(given.pick(1000, 60))
    obs = given.cells.obs[: more.n_cells]
    here, _ = embed(model, few, "cpu", "float32")
    single = None
    for precision in PRECISIONS:
        found, _ = embed(model, more, given.device, precision)
        if single is None:
            single = found
            record.add(
                name, "embedding, float32 against CPU", apart(found[: len(here)], here), bound=EMBEDDING
            )
            expected = avg_bio(single, obs, given.device)
            record.add(name, "AvgBIO, float32", expected, note="random weights: no score of this model")
        else:
            record.add(name, f"embedding, {precision} against float32", apart(found, single))
            off = avg_bio(found, obs, given.device) - expected
            record.add(name, f"AvgBIO, {precision} minus float32", off)
    model.network.to("cpu")


def scores(given: Given, record: Record) -> None:
    """Score one wide embedding on both: all metrics in both spaces, values and ends of intervals."""
    cells = given.prepared[: given.pick(1500, 150)]
    projection = np.random.default_rng(0).standard_normal((cells.n_vars, given.pick(512, 60)))
    wide = (cells.X @ projection.astype(np.float32)).astype(np.float32)
    asked = {
        "unintegrated": cells.obsm["X_unintegrated"],
        "within_batch": cells.obsm["X_within_batch"],
        "n_boot": given.pick(200, 20),
    }
    here, there = (
        metrics.score(wide, cells.obs["label"], cells.obs["batch"], device=device, **asked)
        for device in ("cpu", given.device)
    )
    keys, numbers = ["space", "metric"], ["value", "ci_low", "ci_high"]
    pairs = here.table.merge(there.table, on=keys, suffixes=("", "_there"), how="outer")
    for metric, rows in pairs.groupby("metric", sort=False):
        one, other = rows[numbers].to_numpy(), rows[[f"{name}_there" for name in numbers]].to_numpy()
        # Some metrics have no interval; what only one of the two has stays NaN, and fails.
        off = np.where(np.isnan(one) & np.isnan(other), 0, np.abs(one - other)).max()
        record.add(metric, f"largest difference in {', '.join(rows['space'])}", off, bound=SCORE)
    record.check("metrics", "both skip the same", dict(here.skipped) == dict(there.skipped))
