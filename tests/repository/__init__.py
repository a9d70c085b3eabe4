"""Tests of the repository as a whole: its architecture, its documents, its set-up."""
