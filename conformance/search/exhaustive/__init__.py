"""Exhaustive exploration: every history of a small operations up to a depth, upon the model alone."""
