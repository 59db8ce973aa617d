"""One process tree that shows Optral at work: `optral demo` with an embedded cluster, `optral up` with the reader's own."""
