"""The HTTP edge: one file per resource holds its routes and JSON shapes. camelCase is put on here and nowhere else."""
