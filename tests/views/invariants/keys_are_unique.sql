-- The stated grain of every view holds.
with keyed as (
    select 'run_attempts' as name, (recorded_order)::varchar as key from run_attempts
    union all
    select 'reported_numbers', (recorded_order, kind, metric)::varchar from reported_numbers
    union all
    select 'commit_lines', (repository, line, line_branch, commit_sha)::varchar from commit_lines
    union all
    select 'measurements', (repository, report, workflow, commit_sha, kind, metric)::varchar from measurements
    union all
    select 'metric_points', (repository, line, line_branch, report, workflow, commit_sha, kind, metric)::varchar from metric_points
    union all
    select 'metric_points: place', (repository, line, line_branch, report, workflow, kind, metric, place)::varchar from metric_points
    union all
    select 'deltas', (repository, report, workflow, commit_sha, kind, metric)::varchar from deltas
    union all
    select 'deltas: place', (line_id, place)::varchar from deltas
    union all
    select 'measurements: order', (recorded_order, kind, metric)::varchar from measurements
    union all
    select 'trends', (repository, report, workflow, commit_sha, kind, metric)::varchar from trends
    union all
    select 'regressions', (repository, report, workflow, commit_sha, kind, metric)::varchar from regressions
    union all
    select 'change_points', (repository, branch, report, workflow, kind, metric, commit_sha)::varchar from change_points
    union all
    select 'highlight_trend', (repository, report, workflow, branch, commit_sha)::varchar from highlight_trend
    union all
    select 'latest_model', (repository, report, branch)::varchar from latest_model
    union all
    select 'open_regressions', (repository, report, workflow, branch, kind, metric)::varchar from open_regressions
    union all
    select 'commit_standings', (report, workflow, kind, metric, repository, line, line_branch, commit_sha)::varchar
    from commit_standings
    union all
    select 'param_changes', (repository, report, commit_sha, param)::varchar from param_changes
    union all
    select 'jobs', (repository, commit_sha, workflow_run_id, run_attempt, recorded_order, place)::varchar from jobs
    union all
    select 'tests', (recorded_order, name)::varchar from tests
    union all
    select 'environment_changes', (repository, report, workflow, commit_sha, part)::varchar from environment_changes
    union all
    select 'pipeline_health', (repository, branch, workflow)::varchar from pipeline_health
)

select name, key, count(*) as count_rows
from keyed
group by name, key
having count(*) > 1 or key is null
