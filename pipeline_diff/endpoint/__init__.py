"""The endpoint that a stack deploys approved versions to: its capacity and monthly cost."""
