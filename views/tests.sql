-- The tests that failed: which are new, and which pass and fail at one commit.
-- grain: one row per failing test × run attempt
-- units: is_new, against the tests that failed at baseline_commit_sha, is empty where those are not known: the
--        nearest tested commit on the line of the report and workflow, or the one that the setting `baseline` names;
--        is_flaky: another attempt at the same commit did not fail it
with

-- What a commit's newest attempt tells of its tests, and all attempts together.
commits_tested as (

    select
        repository,
        report,
        workflow,
        commit_sha,
        arg_max(failed_tests, recorded_order) as failed_tests,
        arg_max(is_cut, recorded_order) as is_cut,
        list(failed_tests) filter (not is_cut) as lists
    from tested_attempts
    group by repository, report, workflow, commit_sha

),

compared as (

    select
        deltas.repository,
        deltas.report,
        deltas.workflow,
        deltas.commit_sha,
        if(
            baseline_kind in ('default_branch', 'release', 'commit'), baseline_commit_sha, previous_commit_sha
        ) as baseline_commit_sha
    from deltas
    where kind = 'ci' and metric = 'tests_total'

),

failing as (

    select
        tested_attempts.* exclude (failed_tests, is_cut),
        unnest(tested_attempts.failed_tests) as name
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
        when list_contains(baseline.failed_tests, failing.name) then false
        when not baseline.is_cut then true
    end as is_new,
    coalesce(
        len(list_filter(own.lists, lambda failed: not list_contains(failed, failing.name))) > 0, false
    ) as is_flaky,
    compared.baseline_commit_sha
from failing
inner join commits_tested as own
    on
        own.repository = failing.repository
        and own.report = failing.report
        and own.workflow = failing.workflow
        and own.commit_sha = failing.commit_sha
left join compared
    on
        compared.repository = failing.repository
        and compared.report = failing.report
        and compared.workflow = failing.workflow
        and compared.commit_sha = failing.commit_sha
left join commits_tested as baseline
    on
        baseline.repository = failing.repository
        and baseline.report = failing.report
        and baseline.workflow = failing.workflow
        and baseline.commit_sha = compared.baseline_commit_sha
