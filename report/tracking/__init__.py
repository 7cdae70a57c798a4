"""Where trainings are tracked: MLflow servers by REST, local stores by their files. MLflow itself is not imported."""
