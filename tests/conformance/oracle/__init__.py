"""Tests of conformance/oracle/."""
