"""From agents' frames to rows, findings and issues, and what only time reveals about them."""
