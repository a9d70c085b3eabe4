"""Tests of conformance/suite/."""
