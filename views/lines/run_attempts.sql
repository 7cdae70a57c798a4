-- Every run attempt with the repository that it belongs to and its place in time.
-- grain: one row per workflow run attempt
-- units: as in `commits`; recorded_order counts all rows from 1, the oldest first; row_number is the row's place there
-- table: nearly every view reads it, and it sorts all rows
with

named_repositories as (

    select distinct repository
    from commits
    where nullif(repository, '') is not null

),

-- Rows from before the repository was recorded belong to the only one that there is, whoever reports; else to none.
default_repository as (

    select coalesce(
        (select any_value(repository) from named_repositories having count(*) = 1),
        ''
    ) as repository

),

-- By the row's number alone: texts are slow to sort.
ordered as (

    select
        rowid as row_number,
        row_number() over (
            -- Recorded in the same second: the older commit first, then the earlier attempt.
            order by recorded_at nulls first, committed_at nulls first, run_attempt nulls first, rowid
        ) as recorded_order
    from commits

)

select
    coalesce(nullif(commits.repository, ''), default_repository.repository) as repository,
    coalesce(commits.report, '') as report,
    coalesce(commits.branch, '') as branch,
    commits.commit_sha,
    commits.parent_sha,
    commits.author,
    commits.commit_message,
    commits.pull_request,
    commits.recorded_at,
    ordered.recorded_order,
    ordered.row_number,
    commits.workflow,
    commits.workflow_run_id,
    commits.run_attempt,
    commits.workflow_status,
    commits.training,
    commits.cause,
    commits.changed_inputs,
    commits.mlflow_run_id,
    commits.mlflow_experiment_id,
    commits.model_name,
    commits.model_version,
    commits.training_seconds,
    commits.params,
    commits.metrics,
    commits.ci_metrics,
    commits.metric_facts
from commits
inner join ordered on ordered.row_number = commits.rowid
cross join default_repository
