"""The `optral` command. Importing it loads typer alone; every command imports what it needs when it runs."""
