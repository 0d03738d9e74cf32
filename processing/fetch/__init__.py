"""Fetching of files over HTTP and from S3, in several attempts."""
