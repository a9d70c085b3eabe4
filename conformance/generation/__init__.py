"""Generation: the histories of files and actions that importers are tried with, and how they are made small."""
