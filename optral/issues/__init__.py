"""What is wrong: issues, their life, and the conditions of objects they stand on."""
