"""Tests of conformance/attribution/."""
