"""The model registry of full mode: versions, the alias and its gate, models brought back."""
