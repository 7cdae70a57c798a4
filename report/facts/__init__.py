"""What the environment, git and files tell about a commit: one module per source, frozen dataclasses out.

A fact that can't be had leaves a notice (what is absent, why, what to do) instead of an exception; only input
that the user named and that can't be used is an error.
"""
