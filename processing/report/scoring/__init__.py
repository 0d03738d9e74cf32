"""Pages about scored reviews: drift of one execution, and accuracy and drift over time."""
