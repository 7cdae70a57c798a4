-- What a measurement is compared with is a measurement of another commit of its repository, with the value it says.
select deltas.*
from deltas
left join measurements as previous
    on
        previous.repository = deltas.repository
        and previous.report = deltas.report
        and previous.workflow = deltas.workflow
        and previous.kind = deltas.kind
        and previous.metric = deltas.metric
        and previous.commit_sha = deltas.previous_commit_sha
left join measurements as baseline
    on
        baseline.repository = deltas.repository
        and baseline.report = deltas.report
        and baseline.workflow = deltas.workflow
        and baseline.kind = deltas.kind
        and baseline.metric = deltas.metric
        and baseline.commit_sha = deltas.baseline_commit_sha
where
    deltas.commit_sha in (deltas.previous_commit_sha, deltas.baseline_commit_sha)
    or deltas.previous_value is distinct from previous.value
    or deltas.baseline_value is distinct from baseline.value
