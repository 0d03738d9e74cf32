"""A registered model version applied on this machine."""
