"""The query bodies as JSON templates: data, read by `indexer.templates`. Relevance is tuned here and nowhere else."""
