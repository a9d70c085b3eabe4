"""Generation: the histories of files and actions that importers are tested with, and how they are shrunk."""
