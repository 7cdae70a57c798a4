-- What the training at one commit changed in its params: the data's digests, then what seldom changes, then the
-- largest steps. Asks for: $repository, $commit_sha.
with

-- Rare among the last trainings: all of a long history would cost more than it tells.
trainings as (

    select $commit_sha as commit_sha
    union
    (
        select commit_sha
        from run_attempts
        cross join settings
        where repository = $repository and report = coalesce(reported_report, report) and training = 'trained'
        order by recorded_order desc
        limit 100
    )

),

changes as (

    select param_changes.*, count(*) over (partition by param) as count_changes
    from param_changes
    cross join settings
    where repository = $repository and report = coalesce(reported_report, report) and commit_sha in (from trainings)

)

select param, old_value, new_value, previous_commit_sha, is_data_set
from changes
where commit_sha = $commit_sha
order by is_data_set desc, count_changes, rank
