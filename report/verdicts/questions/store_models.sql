-- MLflow's SQLite store: the models that a run logged, as MLflow 3 keeps them, the last step last.
-- Asks for: $run_id.
select destination_id as model_id
from inputs
where source_id = $run_id and source_type = 'RUN_OUTPUT' and destination_type = 'MODEL_OUTPUT'
order by step, destination_id
