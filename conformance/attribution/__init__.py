"""Attribution: which rules account for what came otherwise, and what an importer as a whole behaves like."""
