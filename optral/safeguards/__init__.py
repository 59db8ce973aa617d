"""What limits executions: freezes, maintenance windows, hourly limits, and the risk that may run without a person."""
