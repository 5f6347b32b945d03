"""The API: the questions and the things of the graph for programs, under `/api`."""
