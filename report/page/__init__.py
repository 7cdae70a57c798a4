"""The page: a history as one HTML file that needs no server and asks none."""
