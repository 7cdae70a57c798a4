"""Where the results go: the page of the job, files, and the row that waits."""
