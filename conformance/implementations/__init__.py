"""Real importers that the suite is run on, each written on its own."""
