"""Exhaustive exploration: every history of a small alphabet up to a depth, upon the model alone."""
