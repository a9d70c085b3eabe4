"""Exhaustive exploration: every history of a small set of operations up to a depth, upon the model alone."""
