"""Growth of the jobs' CPU time and memory with the number of reviews."""
