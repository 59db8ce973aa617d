"""What commands share: options, output, lists, errors, sessions with a server, the terminal."""
