"""Tests of the suite, which mirror its rooms."""
