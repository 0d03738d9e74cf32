"""Results of a search of hyperparameters."""
