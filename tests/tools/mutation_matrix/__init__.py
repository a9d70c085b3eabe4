"""The kill matrix: every wrong importer of the catalogue, and each way of catching it."""
