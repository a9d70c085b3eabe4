"""The cases that are written down: the scenarios of the executable pages, the edge cases of files, the corpus."""
