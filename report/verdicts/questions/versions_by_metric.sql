-- The versions of a model in the history, the best value of a metric first. Asks for: $model_name, $metric.
select run_attempts.model_version, measurements.value, measurements.goal
from run_attempts
inner join measurements using (repository, report, commit_sha)
where
    run_attempts.model_name = $model_name
    and nullif(run_attempts.model_version, '') is not null
    and measurements.kind = 'ml'
    and measurements.metric = $metric
    and isfinite(measurements.value)
order by
    if(measurements.goal = 'minimize', -measurements.value, measurements.value) desc,
    measurements.recorded_order
