"""What happens while a runbook runs: plans, approvals, decisions, verification and undo."""
