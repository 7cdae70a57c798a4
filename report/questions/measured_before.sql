-- The commit that a measurement is the next one of. Asks for: $repository, $kind, $metric, $commit_sha.
select previous_commit_sha as commit_sha
from deltas
where repository = $repository and kind = $kind and metric = $metric and commit_sha = $commit_sha
