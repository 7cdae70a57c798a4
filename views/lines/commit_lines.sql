-- Where a commit stands: HEAD's ancestors form a line of their own, by distance; every branch forms one, by time.
-- grain: one row per commit × line that it stands in
-- units: line_number counts the lines, line_order grows along each; line_branch is empty for HEAD's line; distance in
--        commits behind HEAD
-- table: several views read it
with

-- A commit that reports again keeps the place of its first report, on every branch that it reported for: a branch
-- that starts at a commit of main does not take it away from main.
first_reports as (

    select
        repository,
        branch,
        commit_sha,
        min(recorded_order) as first_order
    from run_attempts
    where nullif(commit_sha, '') is not null
    group by repository, branch, commit_sha

),

ancestors as (

    select
        commit_sha,
        min(distance) as distance
    from ancestry
    group by commit_sha

),

commits_once as (

    select
        first_reports.repository,
        first_reports.commit_sha,
        min(first_reports.first_order) as first_order,
        bool_or(first_reports.branch = settings.default_branch) as is_on_default_branch,
        -- Of two repositories with the same commit (a fork), the checkout is the reported one's.
        any_value(ancestors.distance) filter (
            first_reports.repository = coalesce(nullif(settings.reported_repository, ''), first_reports.repository)
        ) as distance
    from first_reports
    cross join settings
    left join ancestors on ancestors.commit_sha = first_reports.commit_sha
    group by first_reports.repository, first_reports.commit_sha

),

placed as (

    select
        repository,
        commit_sha,
        'ancestry' as line,
        '' as line_branch,
        -distance as line_order,
        first_order,
        distance,
        is_on_default_branch
    from commits_once
    where distance is not null
    union all
    select
        first_reports.repository,
        first_reports.commit_sha,
        'branch' as line,
        first_reports.branch as line_branch,
        first_reports.first_order as line_order,
        first_reports.first_order,
        commits_once.distance,
        commits_once.is_on_default_branch
    from first_reports
    inner join commits_once using (repository, commit_sha)

),

-- A number is quicker to join by than three texts.
numbered as (

    select
        repository,
        line,
        line_branch,
        row_number() over (order by repository, line, line_branch) as line_number
    from placed
    group by repository, line, line_branch

)

select
    placed.repository,
    placed.commit_sha,
    placed.line,
    placed.line_branch,
    numbered.line_number,
    placed.line_order,
    placed.first_order,
    placed.distance,
    placed.is_on_default_branch
from placed
inner join numbered using (repository, line, line_branch)
