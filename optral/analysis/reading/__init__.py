"""What is read of a cluster for one question: objects, logs and calls, as evidence."""
