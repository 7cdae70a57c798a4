"""The chart of a metric's course: its specification, which reports, pages and notebooks draw."""
