"""The oracle: what a right importer answers, and whether a response is one that it would give."""
