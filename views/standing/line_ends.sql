-- The newest commit of each line that is told of: HEAD's, and each branch's that HEAD does not descend from.
-- grain: one row per such line
-- units: line and line_branch as in `commit_lines`; branch is the line's own, or the one that HEAD was reported for
with

ends as (

    select
        repository,
        line,
        line_branch,
        commit_sha,
        first_order,
        max(commit_sha) filter (line = 'ancestry') over (partition by repository) as head_sha
    from (
        select *
        from commit_lines
        qualify row_number() over (partition by line_number order by line_order desc, first_order desc) = 1
    )

)

select
    ends.repository,
    ends.line,
    ends.line_branch,
    if(ends.line = 'branch', ends.line_branch, run_attempts.branch) as branch,
    ends.commit_sha,
    run_attempts.recorded_at
from ends
inner join run_attempts on run_attempts.recorded_order = ends.first_order
cross join settings
where
    ends.line = 'ancestry'
    or not exists (
        select 1
        from ancestry
        where
            ancestry.commit_sha = ends.commit_sha
            and coalesce(ancestry.repository, ends.repository) = ends.repository
    )
    -- The default branch may end before HEAD.
    or (ends.line_branch = default_branch and ends.commit_sha is distinct from head_sha)
