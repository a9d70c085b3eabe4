"""The corpus: edge cases as folders of files with the expected results, also for importers without an adapter.

`gathering` puts the cases in order, `folders` writes them, `verifying` reads a corpus back.
"""
