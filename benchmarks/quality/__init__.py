"""How good reading, descriptions and duplicates are, on labelled documents: `python -m benchmarks.quality`."""
