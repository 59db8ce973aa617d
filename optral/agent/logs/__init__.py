"""Log signs: the agent samples the logs of running containers, and reports only the lines that show a failure which lasts."""
