"""The grid of dataset × method × seed, as a Snakemake DAG that calls papermill."""
