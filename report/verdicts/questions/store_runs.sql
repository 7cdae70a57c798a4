-- MLflow's SQLite store: its active runs, newest first. Asks for: $at_most.
select
    runs.run_uuid,
    runs.experiment_id,
    runs.status,
    runs.start_time,
    runs.end_time,
    runs.artifact_uri,
    experiments.name as experiment_name
from runs
inner join experiments on experiments.experiment_id = runs.experiment_id
where runs.lifecycle_stage = 'active'
order by runs.start_time desc
limit $at_most
