"""The model package: CPU and memory of its requests, beside the jobs that score many reviews."""
