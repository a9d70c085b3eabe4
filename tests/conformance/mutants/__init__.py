"""Tests of conformance/mutants/."""
