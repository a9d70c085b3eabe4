"""The search: histories that are made until one is answered otherwise than by a right importer; races; campaigns."""
