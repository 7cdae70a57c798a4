-- What the training at one commit changed in its params: the data's digests, then what seldom changes, then the
-- largest steps. Asks for: $repository, $commit_sha, and $commits, among which a change is rare or not: a list, so that
-- the database looks into no other trainings' params.
with

changes as (

    select param_changes.*, count(*) over (partition by param) as count_changes
    from param_changes
    cross join settings
    where
        repository = $repository
        and report = coalesce(reported_report, report)
        and list_contains($commits::varchar[], commit_sha)

)

select param, old_value, new_value, previous_commit_sha, is_data_set
from changes
where commit_sha = $commit_sha
order by is_data_set desc, count_changes, rank
