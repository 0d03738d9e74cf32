"""Stand-ins for AWS's built-in images: the same files in, the same files out."""
