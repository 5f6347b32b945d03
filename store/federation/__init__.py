"""SERVICE: calling the partners that the operator lists, and nobody else."""
