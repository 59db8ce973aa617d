"""Changes to the files from which Argo CD or Flux applies an object."""
