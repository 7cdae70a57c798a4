-- Every measurement has its row in deltas, trends and regressions, and those have no other rows.
with answered as (
    select repository, report, workflow, commit_sha, kind, metric, 'deltas' as name from deltas
    union all
    select repository, report, workflow, commit_sha, kind, metric, 'trends' from trends
    union all
    select repository, report, workflow, commit_sha, kind, metric, 'regressions' from regressions
    union all
    select repository, report, workflow, commit_sha, kind, metric, 'metric_points' from metric_points where speaks_for_itself
)

select measurements.*, answered.*
from (select *, unnest(['deltas', 'trends', 'regressions', 'metric_points']) as name from measurements) as measurements
full join answered using (repository, report, workflow, commit_sha, kind, metric, name)
where measurements.name is null or answered.name is null
