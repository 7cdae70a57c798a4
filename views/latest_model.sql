-- The newest trained model, its version, and how its highlight metric compares.
-- grain: at most one row per repository × report × branch
-- units: as in `deltas`; training_seconds in seconds
with

newest as (

    select *
    from run_attempts
    where training = 'trained'
    qualify row_number() over (partition by repository, report, branch order by recorded_order desc) = 1

)

select
    newest.repository,
    newest.branch,
    newest.commit_sha,
    newest.recorded_at,
    newest.cause,
    newest.mlflow_run_id,
    newest.mlflow_experiment_id,
    newest.model_name,
    newest.model_version,
    newest.training_seconds,
    deltas.metric,
    deltas.goal,
    deltas.value,
    deltas.previous_commit_sha,
    deltas.previous_value,
    deltas.delta,
    deltas.delta_percent,
    deltas.baseline_kind,
    deltas.baseline_commit_sha,
    deltas.baseline_value,
    deltas.baseline_delta,
    deltas.best_value,
    deltas.is_best,
    regressions.verdict,
    regressions.reason,
    newest.report
from newest
cross join settings
left join deltas
    on
        deltas.repository = newest.repository
        and deltas.report = newest.report
        and deltas.commit_sha = newest.commit_sha
        and deltas.kind = 'ml'
        and deltas.metric = settings.highlight_metric
left join regressions
    on
        regressions.recorded_order = deltas.recorded_order
        and regressions.kind = deltas.kind
        and regressions.metric = deltas.metric
