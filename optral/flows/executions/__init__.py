"""Runbooks run: what people do with executions, the driver that carries them out, and the commands for agents."""
