"""Search of hyperparameters on this machine."""
