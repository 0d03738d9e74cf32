"""Labels of reviews that were scored on AWS."""
