-- What a training changed in its params, against the nearest trained commit before it whose params are known.
-- grain: one row per report × commit × changed param
-- units: values as they were logged, as text; a param that was not there is NULL. is_data_set: a data set's digest.
-- relative_step from 0 to 1: a number's change by the sum of both sizes. rank: 1 is the first to look at, data before
-- params, large steps before small ones.
with

-- The latest training of each commit.
trained as (

    select
        *,
        -- Without params and without a run that they were read from, they are unknown, which is not the same as none.
        params is not null or nullif(mlflow_run_id, '') is not null as has_known_params
    from run_attempts
    where training = 'trained' and nullif(commit_sha, '') is not null
    qualify row_number() over (partition by repository, report, commit_sha order by recorded_order desc) = 1

),

looked_back as (

    select
        trained.*,
        commit_lines.line,
        commit_lines.line_branch,
        last_value(
            case when has_known_params then {'commit_sha': commit_sha, 'params': params} end
            ignore nulls
        ) over (
            partition by repository, report, line, line_branch
            order by line_order, first_order
            rows between unbounded preceding and 1 preceding
        ) as previous
    from trained
    inner join commit_lines using (repository, commit_sha)

),

-- The nearest ancestor goes before the branch's newest earlier commit.
compared as (

    select *
    from looked_back
    where line = 'ancestry' or line_branch = branch
    qualify
        has_known_params
        and previous is not null
        and row_number() over (
            partition by repository, report, commit_sha
            order by previous is null, line
        ) = 1

),

-- Taken apart once for each training, not once for each param: there may be thousands, with long texts.
entries as (

    select
        recorded_order,
        'new' as side,
        unnest(json_keys(params)) as param,
        unnest(json_extract_string(params, '$.*')) as text,
        generate_subscripts(json_keys(params), 1) as place
    from compared
    union all
    select
        recorded_order,
        'old',
        unnest(json_keys(previous.params)),
        unnest(json_extract_string(previous.params, '$.*')),
        generate_subscripts(json_keys(previous.params), 1)
    from compared

),

-- Where an object names a param twice, the later one holds, as in every JSON reader.
valued as (

    select
        recorded_order,
        param,
        arg_max(text, place) filter (side = 'old') as old_value,
        arg_max(text, place) filter (side = 'new') as new_value
    from entries
    group by recorded_order, param

),

changed as (

    select
        compared.repository,
        compared.report,
        compared.branch,
        compared.commit_sha,
        compared.recorded_at,
        compared.previous.commit_sha as previous_commit_sha,
        param,
        old_value,
        new_value,
        starts_with(param, 'mlflow.dataset.') as is_data_set,
        -- Halves, as the difference of two huge numbers may be beyond all numbers.
        try_cast(old_value as double) / 2 as half_old,
        try_cast(new_value as double) / 2 as half_new,
        abs(half_new - half_old) / nullif(abs(half_new) + abs(half_old), 0) as step
    from valued
    inner join compared using (recorded_order)
    where old_value is distinct from new_value

)

select
    repository,
    branch,
    commit_sha,
    recorded_at,
    param,
    old_value,
    new_value,
    previous_commit_sha,
    is_data_set,
    if(isfinite(step), step, null) as relative_step,
    row_number() over (
        partition by repository, report, branch, commit_sha
        order by is_data_set desc, relative_step desc nulls last, param
    ) as rank,
    report
from changed
