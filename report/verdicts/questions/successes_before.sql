-- How many runs in a row succeeded before the newest of a branch and workflow, which failed.
-- Asks for: $repository, $branch, $workflow.
with

ended as (

    select
        workflow_status = 'success' as is_success,
        row_number() over (order by recorded_order desc) as position
    from run_attempts
    where
        repository = $repository
        and branch = $branch
        and coalesce(workflow, '') = $workflow
        and workflow_status in ('success', 'failure')

)

select count(*) as count_successes
from ended
where
    position > 1
    and position < coalesce(
        (select min(position) from ended where position > 1 and not is_success),
        9223372036854775807
    )
