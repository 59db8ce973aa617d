"""What people and time do with issues, and how detectors are set for them."""
