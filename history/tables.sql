-- The tables of a store. `commits` gets one more column for each that today's layout does not know.

create table settings (
    highlight_metric varchar,
    timezone varchar not null,
    default_branch varchar not null,
    baseline varchar not null,
    -- Which commit, where a baseline is 'commit': a hash or its first seven digits or more.
    baseline_commit varchar,
    trend_window integer not null,
    sharp_delta double not null,
    minimum_points integer not null,
    min_effect double not null,
    min_effect_percent double not null,
    mad_factor double not null,
    -- What a report is about; empty for ad-hoc queries.
    reported_repository varchar,
    reported_branch varchar,
    reported_report varchar,
    reported_workflow varchar,
    reported_commit_sha varchar
);

create table metric_rules (
    metric varchar not null,
    goal varchar,
    baseline varchar,
    baseline_commit varchar,
    min_effect double,
    min_effect_percent double,
    -- Static bounds: how much worse than its baseline, and what a value must reach.
    max_drop double,
    target double,
    on_regression varchar not null,
    on_suspected varchar not null
);

-- Changes that are meant: the level begins anew there. An empty metric stands for every metric.
create table accepted_changes (
    commit_sha varchar not null,
    metric varchar
);

-- HEAD's ancestors with their distance in commits, HEAD itself at 0; empty where nobody knows them.
create table ancestry (
    commit_sha varchar not null,
    -- Along first parents in steps. What came in by a merge stands as many steps behind that one.
    distance integer not null,
    -- Of the oldest merge that brought it in; the own distance of a first parent.
    merge_distance integer not null,
    -- Whose newest commit HEAD is, where the rows alone tell: each repository has its own. Empty: the checkout's.
    repository varchar,
    is_first_parent boolean generated always as (merge_distance = distance)
);

-- The releases, for the baseline 'release'; empty without a checkout.
create table release_tags (
    commit_sha varchar not null,
    tag varchar not null
);

-- The metrics that a report is about, and the commits that it shows; empty means all. They bound what a run computes on
-- a long history.
create table reported_metrics (
    metric varchar not null
);

create table reported_commits (
    commit_sha varchar not null
);

-- Rows of the file that can't be read. They are written back as they were.
create table rejected_rows (
    line bigint,
    text varchar,
    reason varchar
);

-- What the rows that are in the archive are told by.
create temp table archived (
    digest varchar not null
);

comment on table settings is 'What the config says, in one row, so that ad-hoc SQL sees what the report saw; mad_factor is read by nobody';
comment on table metric_rules is 'One row per metric that the config has a rule for';
comment on table ancestry is 'One row per ancestor of HEAD, with its distance in commits and that of the merge by which it came in; empty where nobody knows them. Without a checkout each repository has its own HEAD';
comment on table release_tags is 'One row per tag of a release, with its commit; empty without a checkout';
comment on table rejected_rows is 'One row per line of the CSV that can''t be read, with the reason';
comment on table accepted_changes is 'One row per change that the config accepts: the level begins anew at that commit';
