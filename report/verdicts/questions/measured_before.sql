-- The measurement before one, on the line that it is judged along. Asks for: $repository, $report, $kind, $metric, $workflow,
-- $commit_sha.
select earlier.commit_sha
from metric_points as here
inner join metric_points as earlier on earlier.line_id = here.line_id and earlier.place < here.place
where
    here.speaks_for_itself
    and here.repository = $repository
    and here.report = $report
    and here.kind = $kind
    and here.metric = $metric
    and here.workflow = $workflow
    and here.commit_sha = $commit_sha
    and earlier.finite_value is not null
order by earlier.place desc
limit 1
