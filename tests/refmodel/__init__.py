"""Tests of the model, which mirror its rooms."""
