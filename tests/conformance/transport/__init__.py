"""Tests of conformance/transport/."""
