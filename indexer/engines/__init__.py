"""The two search engines behind one protocol (`base`): tantivy embedded, and Elasticsearch."""
