"""Local emulation of AWS: containers are processes, S3 is a folder, images are local programs.

Enters: requests from jobs. Leaves: files and exit codes. Must not know: pipelines and their steps.
"""
