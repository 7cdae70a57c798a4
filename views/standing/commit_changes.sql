-- What a commit changed beside its metrics: inputs, params, data sets, the environment.
-- grain: one row per commit × report
-- units: cause and changed_inputs as its training tells them, else its newest report; the others are lists of what
--        changed, each with its old and its new value
with

told as (

    select repository, report, commit_sha, cause, changed_inputs
    from run_attempts
    where nullif(commit_sha, '') is not null
    qualify row_number() over (
        partition by repository, report, commit_sha
        order by training is not distinct from 'trained' desc, recorded_order desc
    ) = 1

),

trained as (

    select
        repository,
        report,
        commit_sha,
        list(struct_pack(param, old_value, new_value) order by rank) filter (not is_data_set) as changed_params,
        list(struct_pack(param, old_value, new_value) order by rank) filter (is_data_set) as changed_data_sets
    from param_changes
    group by repository, report, commit_sha

),

-- In whichever workflow.
placed as (

    select
        repository,
        report,
        commit_sha,
        list(distinct struct_pack(part, old_value, new_value) order by struct_pack(part, old_value, new_value))
        as changed_environment
    from environment_changes
    group by repository, report, commit_sha

)

select
    told.repository,
    told.report,
    told.commit_sha,
    told.cause,
    told.changed_inputs,
    trained.changed_params,
    trained.changed_data_sets,
    placed.changed_environment
from told
left join trained using (repository, report, commit_sha)
left join placed using (repository, report, commit_sha)
