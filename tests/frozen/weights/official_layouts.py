"""The official files' tensors, name to shape, at any size; see the published layouts."""


def scgpt(vocabulary: int, width: int, layers: int = 12, feed_forward: int | None = None) -> dict[str, tuple]:
    ff = feed_forward or width
    shapes = {
        "encoder.embedding.weight": (vocabulary, width),
        **_norm("encoder.enc_norm", width),
        "flag_encoder.weight": (2, width),
        **_linear("value_encoder.linear1", 1, width),
        **_linear("value_encoder.linear2", width, width),
        **_norm("value_encoder.norm", width),
    }
    for i in range(layers):
        at = f"transformer_encoder.layers.{i}"
        shapes |= _linear(f"{at}.self_attn.Wqkv", width, 3 * width)
        shapes |= _linear(f"{at}.self_attn.out_proj", width, width)
        shapes |= _linear(f"{at}.linear1", width, ff) | _linear(f"{at}.linear2", ff, width)
        shapes |= _norm(f"{at}.norm1", width) | _norm(f"{at}.norm2", width)
    shapes |= _linear("decoder.fc.0", width, width) | _linear("decoder.fc.2", width, width)
    shapes |= _linear("decoder.fc.4", width, 1) | _linear("mvc_decoder.gene2query", width, width)
    return shapes | {"mvc_decoder.W.weight": (width, width)}


def geneformer(
    vocabulary: int, width: int, layers: int, feed_forward: int, positions: int, *, position_ids: bool
) -> dict[str, tuple]:
    shapes = {"bert.embeddings.position_ids": (1, positions)} if position_ids else {}
    shapes |= {
        "bert.embeddings.word_embeddings.weight": (vocabulary, width),
        "bert.embeddings.position_embeddings.weight": (positions, width),
        "bert.embeddings.token_type_embeddings.weight": (2, width),
        **_norm("bert.embeddings.LayerNorm", width),
    }
    for i in range(layers):
        at = f"bert.encoder.layer.{i}"
        for name in ("query", "key", "value"):
            shapes |= _linear(f"{at}.attention.self.{name}", width, width)
        shapes |= _linear(f"{at}.attention.output.dense", width, width)
        shapes |= _norm(f"{at}.attention.output.LayerNorm", width)
        shapes |= _linear(f"{at}.intermediate.dense", width, feed_forward)
        shapes |= _linear(f"{at}.output.dense", feed_forward, width) | _norm(f"{at}.output.LayerNorm", width)
    shapes |= _linear("cls.predictions.transform.dense", width, width)
    return (
        shapes | _norm("cls.predictions.transform.LayerNorm", width) | {"cls.predictions.bias": (vocabulary,)}
    )


def random(shapes: dict[str, tuple]) -> dict:
    """Random tensors of these shapes."""
    import torch

    generator = torch.Generator().manual_seed(0)
    return {
        name: torch.arange(shape[1]).view(1, -1)
        if name.endswith("position_ids")
        else torch.randn(shape, generator=generator)
        for name, shape in shapes.items()
    }


def _linear(name: str, into: int, out: int) -> dict[str, tuple]:
    return {f"{name}.weight": (out, into), f"{name}.bias": (out,)}


def _norm(name: str, width: int) -> dict[str, tuple]:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}
