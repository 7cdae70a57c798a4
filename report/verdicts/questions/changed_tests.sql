-- The tests that fail at a commit, and those that did at the one that it is compared with and do no more: newly failing
-- ones first, then flaky ones, those that failed before, and fixed ones.
-- Asks for: $repository, $report, $workflow, $commit_sha.
with

failing as (

    select
        name,
        bool_or(is_new) as is_new,
        bool_or(is_flaky) as is_flaky,
        any_value(baseline_commit_sha) as baseline_commit_sha
    from tests
    where
        repository = $repository and report = $report and workflow = $workflow and commit_sha = $commit_sha
    group by name

),

fixed as (

    select
        unnest(list_filter(baseline_failed_tests, lambda name: not list_contains(failed_tests, name))) as name,
        baseline_commit_sha
    from compared_tests
    where
        repository = $repository and report = $report and workflow = $workflow and commit_sha = $commit_sha
        -- A row that may not name all that failed does not say that others passed.
        and not is_cut

)

select
    name,
    case when is_flaky then 'flaky' when is_new then 'new' when is_new is null then 'failing' else 'known' end as state,
    baseline_commit_sha
from failing
union all
select name, 'fixed', baseline_commit_sha
from fixed
where name not in (select name from failing)
order by list_position(['new', 'failing', 'flaky', 'known', 'fixed'], state), name
