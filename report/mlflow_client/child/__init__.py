"""What asks MLflow's client, in a process of its own. The report starts it by `start.py` and never imports it.

It is run by whichever interpreter has the MLflow that is wanted, so it takes the standard library and what MLflow
brings alone, Python 3.8 or newer, MLflow 2 or 3.
"""
