"""Whether batches mix."""
