"""One process tree of server and agent: `optral demo` adds an embedded cluster, `optral up` connects the current kubeconfig context."""
