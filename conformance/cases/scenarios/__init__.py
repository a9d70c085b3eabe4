"""The scenarios: pages that people read, and whose examples are executed."""
