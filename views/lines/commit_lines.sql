-- Where a commit stands: HEAD's first parents form a line of their own, by distance; every branch forms one, by time.
-- A commit that came in by a merge stands on its own branch's line alone.
-- grain: one row per commit × line that it stands in
-- units: line_number counts the lines, nth a line's commits from 1, line_order grows along each; line_branch is empty for HEAD's line; distance in
--        commits behind HEAD, merge_distance that of the merge by which it came in, its own for a first parent
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
        repository,
        commit_sha,
        min(distance) as distance,
        arg_min(merge_distance, distance) as merge_distance
    from ancestry
    group by repository, commit_sha

),

commits_once as (

    select
        first_reports.repository,
        first_reports.commit_sha,
        min(first_reports.first_order) as first_order,
        bool_or(first_reports.branch = settings.default_branch) as is_on_default_branch,
        -- Of two repositories with the same commit (a fork), the checkout is the reported one's.
        any_value(ancestors.distance) as distance,
        any_value(ancestors.merge_distance) as merge_distance
    from first_reports
    cross join settings
    left join ancestors
        on
            ancestors.commit_sha = first_reports.commit_sha
            and first_reports.repository
            = coalesce(ancestors.repository, nullif(settings.reported_repository, ''), first_reports.repository)
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
        merge_distance,
        is_on_default_branch
    from commits_once
    where merge_distance = distance
    union all
    select
        first_reports.repository,
        first_reports.commit_sha,
        'branch' as line,
        first_reports.branch as line_branch,
        first_reports.first_order as line_order,
        first_reports.first_order,
        commits_once.distance,
        commits_once.merge_distance,
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
    row_number() over (partition by numbered.line_number order by placed.line_order, placed.first_order) as nth,
    placed.line_order,
    placed.first_order,
    placed.distance,
    placed.merge_distance,
    placed.is_on_default_branch
from placed
inner join numbered using (repository, line, line_branch)
