"""Tests of conformance/generation/."""
