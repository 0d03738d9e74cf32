"""Labels of scored reviews, on this machine and on AWS; the job Feedback does the work."""
