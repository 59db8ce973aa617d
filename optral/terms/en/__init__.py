"""The catalog in English: the titles of issues, and the texts about causes. One folder per language."""
