"""What starts runbooks without a person: matches of issues, schedules, and signed requests."""
