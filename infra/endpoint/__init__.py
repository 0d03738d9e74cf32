"""The endpoint that serves the newest approved version: deployed by approval."""
