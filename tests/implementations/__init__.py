"""Tests of the importers that come with the suite."""
