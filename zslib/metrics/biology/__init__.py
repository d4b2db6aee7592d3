"""Whether cell types stay apart."""
