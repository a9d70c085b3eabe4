"""The verdict: what became of each case, and what that says of the importer."""
