"""What the agent watches and sends: reflectors, redaction, and the buffer of the newest versions."""
