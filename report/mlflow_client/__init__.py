"""Runs, models, registry and promotion, through MLflow's own client, which runs in a process of its own.

The folder is not called `mlflow`, so that nothing can take it for the package.
"""
