"""The definition of the state machine that deploys a version, in the Amazon States Language."""
