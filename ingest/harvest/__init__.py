"""Harvesting: documents fetched from an OAI-PMH source or a sitemap, politely, and received like files that are added.

    addresses → fetching → xml → oai / sitemap → dublin_core, pages → running

`running` is the entry; `addresses` decides what may be asked at all, and nothing else here opens a connection.
"""
