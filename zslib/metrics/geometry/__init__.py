"""The shape of an embedding, without labels and without judging it."""
