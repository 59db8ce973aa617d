"""What tests share: clocks, databases, builders of objects."""
