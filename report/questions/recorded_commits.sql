-- The commits that the history has rows of. Asks for nothing.
select distinct commit_sha
from commits
where commit_sha is not null
