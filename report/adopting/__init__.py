"""A repository's first steps with the report: what to set up, a demonstration, a history from other tools."""
