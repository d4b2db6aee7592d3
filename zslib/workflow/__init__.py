"""The grid of dataset × method × seed, as a Snakemake DAG whose steps run notebooks by papermill."""
