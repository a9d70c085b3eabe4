"""Attribution: which rules account for a difference, and which mistakes the importer as a whole seems to make."""
