"""How good descriptions are, on documents labelled by reading: `python -m benchmarks.quality.description`."""
