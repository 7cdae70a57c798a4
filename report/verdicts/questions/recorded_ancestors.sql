-- How many of HEAD's ancestors the history has rows of. Asks for nothing.
select count(*) as count_commits
from ancestry
where commit_sha in (select commit_sha from commits)
