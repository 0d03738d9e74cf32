"""The pipeline against other ways to do the same work, and against its targets."""
