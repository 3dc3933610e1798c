"""What comes in: sniffing, extraction in a sandbox, description, triage of duplicates, and the pipeline."""
