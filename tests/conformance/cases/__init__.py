"""Tests of conformance/cases/."""
