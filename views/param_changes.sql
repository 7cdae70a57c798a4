-- What a training changed in its params, against the nearest trained commit before it whose params are known.
-- grain: one row per changed param
-- units: values as they were logged, as text; a param that was not there is NULL
with

compared as (

    select
        *,
        list_sort(list_distinct(list_concat(
            coalesce(json_keys(params), []), coalesce(json_keys(previous_params), [])
        ))) as names
    from trained_commits
    where has_known_params and previous_commit_sha is not null

),

named as (

    select compared.*, unnest(names) as param
    from compared

),

valued as (

    select
        *,
        previous_params ->> ('/' || replace(replace(param, '~', '~0'), '/', '~1')) as old_value,
        params ->> ('/' || replace(replace(param, '~', '~0'), '/', '~1')) as new_value
    from named

)

select
    repository,
    branch,
    commit_sha,
    recorded_at,
    param,
    old_value,
    new_value,
    previous_commit_sha
from valued
where old_value is distinct from new_value
