-- How each repository is, what needs a person first. Of its default branch: the newest run of each workflow, what is
-- worse, when it was reported and trained last; of all branches, of the last $days days: minutes of its jobs, its
-- flaky tests, its slowest job. Asks for: $repositories, $branches (pairs, by place), $now, $days, $stale_days, $new_hours.
with

defaults as (

    select unnest($repositories::varchar[]) as repository, unnest($branches::varchar[]) as branch

),

newest_runs as (

    select run_attempts.*
    from run_attempts
    inner join defaults using (repository, branch)
    where workflow_status in ('success', 'failure')
    qualify row_number() over (partition by repository, workflow order by recorded_order desc) = 1

),

runs as (

    select
        repository,
        list(coalesce(nullif(workflow, ''), 'CI') order by recorded_order desc) filter (workflow_status = 'failure')
        as failing_workflows
    from newest_runs
    group by repository

),

reported as (

    select
        repository,
        max(recorded_at) as last_reported_at,
        arg_max(commit_sha, recorded_order) as commit_sha,
        max(recorded_at) filter (training = 'trained') as last_trained_at,
        count(*) as count_runs
    from run_attempts
    inner join defaults using (repository, branch)
    group by repository

),

worse as (

    select
        repository,
        count(*) as count_worse,
        count(*) filter (worse_since_at >= $now::timestamp - to_hours($new_hours)) as count_new,
        list(
            {
                'metric': metric,
                'kind': kind,
                'since': worse_since_commit_sha,
                'author': worse_since_author,
                'message': worse_since_message,
                'percent': change_percent,
                'level': level,
                'reference': reference_level,
                'commits': count_commits,
                'is_new': worse_since_at >= $now::timestamp - to_hours($new_hours)
            }
            order by kind desc, worse_since_at desc, metric
        ) as regressions
    from open_regressions
    inner join defaults using (repository, branch)
    group by repository

),

timed as (

    select
        repository,
        sum(duration_seconds) / 60 as minutes
    from jobs
    where recorded_at >= $now::timestamp - to_days($days) and duration_seconds > 0
    group by repository

),

slow as (

    select repository, arg_max(name, seconds) as slowest_job, max(seconds) as slowest_seconds
    from (
        select repository, name, median(duration_seconds) as seconds
        from jobs
        where recorded_at >= $now::timestamp - to_days($days) and duration_seconds > 0
        group by repository, name
    )
    group by repository

),

flaky as (

    select repository, list(name order by count_flaky desc, name) as flaky_tests
    from (
        select repository, name, count(*) as count_flaky
        from tests
        where is_flaky and recorded_at >= $now::timestamp - to_days($days)
        group by repository, name
    )
    group by repository

)

select
    defaults.repository,
    defaults.branch,
    reported.commit_sha,
    reported.last_reported_at,
    reported.last_trained_at,
    reported.count_runs,
    coalesce(runs.failing_workflows, []) as failing_workflows,
    coalesce(worse.count_worse, 0) as count_worse,
    coalesce(worse.count_new, 0) as count_new,
    coalesce(worse.regressions, []) as regressions,
    reported.last_reported_at < $now::timestamp - to_days($stale_days) as is_stale,
    reported.last_trained_at is null as never_trained,
    timed.minutes,
    slow.slowest_job,
    slow.slowest_seconds,
    coalesce(flaky.flaky_tests, []) as flaky_tests
from defaults
left join reported using (repository)
left join runs using (repository)
left join worse using (repository)
left join timed using (repository)
left join slow using (repository)
left join flaky using (repository)
order by
    count_worse > 0 and len(failing_workflows) > 0 desc,
    count_worse > 0 desc,
    len(failing_workflows) > 0 desc,
    is_stale,
    count_worse desc,
    repository
