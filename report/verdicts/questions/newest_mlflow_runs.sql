-- The MLflow run that the newest row of each branch points to. Asks for nothing.
select mlflow_run_id
from run_attempts
where nullif(mlflow_run_id, '') is not null
qualify row_number() over (partition by repository, report, branch order by recorded_order desc) = 1
