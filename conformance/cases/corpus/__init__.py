"""The corpus: edge cases as folders of files with what must come of them, for people and importers that are not driven.

`gathering` puts the cases in order, `folders` writes them, `verifying` reads a corpus back.
"""
