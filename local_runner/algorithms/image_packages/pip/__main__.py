"""pip of jobs: installs nothing, since jobs share the runner's environment."""

print("pip isn't run; local jobs use this environment's packages")
