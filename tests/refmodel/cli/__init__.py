"""Tests of the command line and the state file."""
