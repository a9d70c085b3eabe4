"""The search for histories that an importer answers wrongly: random search, state machine, races, campaigns."""
