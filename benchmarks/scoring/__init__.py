"""Rate and memory of scoring by the number of reviews."""
