"""The questions to the history, and what is made of the answers."""
