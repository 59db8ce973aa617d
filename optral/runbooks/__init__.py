"""What to do: versioned runbooks, their parameters and bounds, approvals, executions and their steps."""
