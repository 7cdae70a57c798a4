-- What the training at one commit changed in its params. Asks for: $repository, $commit_sha.
select param, old_value, new_value, previous_commit_sha
from param_changes
where repository = $repository and commit_sha = $commit_sha
order by param
