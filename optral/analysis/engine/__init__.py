"""From a question and a snapshot to a verified answer: rank hypotheses, check claims, compare answers."""
