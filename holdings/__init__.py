"""What the hub holds and knows: settings, domain model, vocabularies, access, catalogue, file store and errors.

The leftmost shelf of the house: imports no other room, no search engine and no web framework.
"""
