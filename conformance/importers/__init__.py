"""The earlier name of `conformance.implementations`, which works for one release more."""
