-- The commits that trained a model, each with the one before it whose params are known.
-- grain: one row per trained commit (its latest trained attempt)
-- units: as in `commits`
-- kind: step
with

latest as (

    select
        *,
        -- Without params and without a run that they were read from, they are unknown, which is not the same as none.
        params is not null or nullif(mlflow_run_id, '') is not null as has_known_params
    from run_attempts
    where training = 'trained' and nullif(commit_sha, '') is not null
    qualify row_number() over (
        partition by repository, commit_sha order by recorded_order desc
    ) = 1

),

standing as (

    select
        latest.*,
        commit_lines.line,
        commit_lines.line_branch,
        last_value(
            case when latest.has_known_params then {'commit_sha': latest.commit_sha, 'params': latest.params} end
            ignore nulls
        ) over (
            partition by latest.repository, commit_lines.line, commit_lines.line_branch
            order by commit_lines.line_order, commit_lines.first_order
            rows between unbounded preceding and 1 preceding
        ) as previous
    from latest
    inner join commit_lines using (repository, commit_sha)

)

-- The nearest ancestor goes before the branch's newest earlier commit.
select
    repository,
    branch,
    commit_sha,
    recorded_at,
    recorded_order,
    params,
    has_known_params,
    previous.commit_sha as previous_commit_sha,
    previous.params as previous_params
from standing
where line = 'ancestry' or line_branch = branch
qualify row_number() over (
    partition by repository, commit_sha
    order by previous is null, line
) = 1
