"""What people do with issues: labels, comments, snoozes and mute rules."""
