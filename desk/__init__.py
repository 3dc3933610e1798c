"""The hub's desk: where people put work in, have it reviewed, and are told of what matters to them. No web in here."""
