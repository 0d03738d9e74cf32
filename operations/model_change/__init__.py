"""What the changes of a checkout do to the model, compared with a git revision."""
