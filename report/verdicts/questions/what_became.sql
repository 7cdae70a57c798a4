-- The later commit that made sure that a change began at one, or that withdrew the suspicion on it; none as long as
-- neither is known. Asks for: $repository, $commit_sha, $report, $kind, $metric, $workflow.
select commit_sha, verdict, direction, is_confirmation
from regressions
where
    repository = $repository
    and report = $report
    and kind = $kind
    and metric = $metric
    and workflow = $workflow
    and commit_sha <> $commit_sha
    and ((is_confirmation and since_commit_sha = $commit_sha) or withdrawn_commit_sha = $commit_sha)
order by recorded_order
limit 1
