-- What changed where the commits are measured: machine, system, Python, versions of packages.
-- grain: one row per report × workflow × commit × changed part
-- units: part as in the column `environment` of `commits`; a part that was not there is NULL; against the nearest
--        commit before it, on HEAD's line or its branch, whose environment in the same workflow is known
with

looked_back as (

    select
        known_environments.*,
        commit_lines.line,
        commit_lines.line_branch,
        lag(known_environments.commit_sha) over along as previous_commit_sha,
        lag(environment) over along as previous_environment
    from known_environments
    inner join commit_lines using (repository, commit_sha)
    window along as (
        partition by repository, report, workflow, line, line_branch order by line_order, first_order
    )

),

-- The nearest ancestor goes before the branch's newest earlier commit.
compared as (

    select
        *,
        list_distinct(list_concat(json_keys(environment), json_keys(previous_environment))) as parts
    from looked_back
    where previous_commit_sha is not null and (line = 'ancestry' or line_branch = branch)
    qualify row_number() over (partition by repository, report, workflow, commit_sha order by line) = 1

),

named as (

    select compared.*, unnest(parts) as part
    from compared

),

valued as (

    select
        *,
        previous_environment ->> ('/' || replace(replace(part, '~', '~0'), '/', '~1')) as old_value,
        environment ->> ('/' || replace(replace(part, '~', '~0'), '/', '~1')) as new_value
    from named
    -- Which config reports is no place.
    where part <> 'config'

)

select
    repository,
    report,
    branch,
    commit_sha,
    recorded_at,
    recorded_order,
    workflow,
    part,
    old_value,
    new_value,
    previous_commit_sha
from valued
where old_value is distinct from new_value
