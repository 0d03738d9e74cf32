"""Third-party source that the jobs need and their images lack, kept as it was released."""
