"""The conformance suite: it judges any importer of student files."""
