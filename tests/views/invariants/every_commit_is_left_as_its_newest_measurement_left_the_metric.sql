-- A measured commit stands as its own answer says; an open regression is one of a line's end, and lasts since a commit of it.
select commit_standings.commit_sha, commit_standings.metric
from commit_standings
inner join regressions using (line_id, place)
where is_measured and commit_standings.standing <> regressions.standing
union all
select commit_sha, metric
from open_regressions
where
    worse_since_commit_sha is null
    or count_commits < 1
    or count_steps < 1
    or step_commits[1] <> worse_since_commit_sha
