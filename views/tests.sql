-- The tests that failed: which are new, and which pass and fail at one commit.
-- grain: one row per failing test × run attempt
-- units: is_new, against the tests that failed at baseline_commit_sha, is empty where those are not known: the nearest
--        tested commit on the line of the report and workflow, or the one that the setting `baseline` names; is_flaky:
--        another attempt at the same commit did not fail it
with

failing as (

    select
        * exclude (failed_tests, is_cut),
        unnest(failed_tests) as name
    from tested_attempts

)

select
    failing.repository,
    failing.report,
    failing.branch,
    failing.commit_sha,
    failing.recorded_at,
    failing.recorded_order,
    failing.workflow,
    failing.workflow_run_id,
    failing.run_attempt,
    failing.name,
    case
        when list_contains(baseline_failed_tests, failing.name) then false
        when not is_baseline_cut then true
    end as is_new,
    coalesce(
        len(list_filter(lists, lambda failed: not list_contains(failed, failing.name))) > 0, false
    ) as is_flaky,
    compared_tests.baseline_commit_sha
from failing
inner join compared_tests using (repository, report, workflow, commit_sha)
