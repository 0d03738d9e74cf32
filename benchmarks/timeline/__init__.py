"""Estimated time of executions on AWS, job by job."""
