"""The suite: the pytest plugin and its tests, which anyone points at their importer."""
