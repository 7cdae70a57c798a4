-- The tests that failed at each commit, and those at the commit that it is compared with.
-- grain: one row per commit × report × workflow with test results
-- units: failed_tests are those of the newest attempt, lists those of every attempt that names them all; baseline_… are of the
--        nearest tested commit before, or of the one that the setting `baseline` names, empty without one
with

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

-- The number of tests is measured wherever they are: what it is compared with, its tests are compared with.
compared as (

    select
        repository,
        report,
        workflow,
        commit_sha,
        if(
            baseline_kind in ('default_branch', 'release', 'commit'), baseline_commit_sha, previous_commit_sha
        ) as baseline_commit_sha
    from deltas
    where kind = 'ci' and metric = 'tests_total'

)

select
    own.repository,
    own.report,
    own.workflow,
    own.commit_sha,
    own.failed_tests,
    own.is_cut,
    own.lists,
    compared.baseline_commit_sha,
    baseline.failed_tests as baseline_failed_tests,
    baseline.is_cut as is_baseline_cut
from commits_tested as own
left join compared using (repository, report, workflow, commit_sha)
left join commits_tested as baseline
    on
        baseline.repository = own.repository
        and baseline.report = own.report
        and baseline.workflow = own.workflow
        and baseline.commit_sha = compared.baseline_commit_sha
