-- What was measured at each commit: metrics of the training and of the CI run.
-- grain: one row per commit × metric (its latest attempt)
-- units: value in the metric's own unit, NaN and infinities included; recorded_at in UTC
-- kind: materialized
with

objects as (

    select repository, commit_sha, recorded_order, 'ml' as kind, metrics as named_numbers
    from run_attempts
    where metrics is not null and nullif(commit_sha, '') is not null
    union all
    select repository, commit_sha, recorded_order, 'ci' as kind, ci_metrics as named_numbers
    from run_attempts
    where ci_metrics is not null and nullif(commit_sha, '') is not null

),

-- Names and values side by side: ten times as fast as `json_each`.
entries as (

    select
        * exclude (named_numbers),
        unnest(json_keys(named_numbers)) as metric,
        unnest(json_extract_string(named_numbers, '$.*')) as text,
        generate_subscripts(json_keys(named_numbers), 1) as place
    from objects

),

numbers as (

    select
        * exclude (text),
        try_cast(text as double) as value
    from entries
    where
        metric in (select metric from reported_metrics)
        or not exists (select 1 from reported_metrics)

),

-- Where an object names a metric twice, the later one holds, as in every JSON reader; no object has a million.
latest as (

    select
        repository,
        commit_sha,
        kind,
        metric,
        max(recorded_order) as recorded_order,
        arg_max(value, recorded_order * 1000000 + place) as value
    from numbers
    where value is not null
    group by repository, commit_sha, kind, metric

),

-- A name as words: `valLoss` is `val_loss`.
named as (

    select
        metric,
        lower(regexp_replace(metric, '([a-z0-9])([A-Z])', '\1_\2', 'g')) as words
    from (select distinct metric from latest)

),

-- The name's words tell what is better, where the config does not. A name that tells nothing has no goal.
inferred as (

    select
        metric,
        case
            when regexp_matches(words, '(^|[^a-z])neg[^a-z]') then 'maximize'
            when regexp_matches(
                words,
                '(^|[^a-z])(loss|logloss|errors?|err|errored|rmse|rmsle|msle|mse|mae|mape|smape|perplexity|ppl|brier'
                || '|crossentropy|cross_entropy|nll|wer|cer|eer|fpr|fnr|fid|divergence|deviance|duration|seconds'
                || '|latency|time|failed|failures?|warnings?|regret|cost)([^a-z]|$)'
            ) then 'minimize'
            when regexp_matches(
                words,
                '(^|[^a-z])(accuracy|acc|f|precision|recall|auc|roc|auroc|auprc|r|score|map|ndcg|mrr|iou|dice|bleu'
                || '|rouge|meteor|kappa|mcc|coverage|reward|throughput|sensitivity|specificity|tpr|tnr|psnr|ssim)'
                || '([^a-z]|$)'
            ) then 'maximize'
        end as goal
    from named

)

select
    latest.repository,
    run_attempts.branch,
    latest.commit_sha,
    run_attempts.recorded_at,
    latest.recorded_order,
    latest.kind,
    latest.metric,
    latest.value,
    coalesce(metric_rules.goal, inferred.goal) as goal
from latest
inner join run_attempts using (recorded_order)
inner join inferred on inferred.metric = latest.metric
left join metric_rules on metric_rules.metric = latest.metric
