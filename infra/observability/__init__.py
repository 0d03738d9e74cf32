"""What operators see of an environment: alerts, budget, dashboard and the retention of job logs."""
