"""Word lists of analysis, as data: stop words of both languages, and words that a stemmer gets wrong."""
