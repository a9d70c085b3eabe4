"""Tests of conformance/protocol/."""
