"""How answers of the API are shown on a terminal."""
