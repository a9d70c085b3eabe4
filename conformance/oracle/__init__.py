"""The oracle: what a correct importer answers, and whether a response is correct."""
