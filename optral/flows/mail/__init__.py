"""Mail: its delivery, and what is sent to members."""
