-- What was measured at each commit: metrics of the training and of the CI run.
-- grain: one row per commit × report × metric (its latest attempt), of CI metrics also × workflow
-- units: of all reports, or of the one that the settings name and its workflow; value in the metric's own unit, NaN
--        and infinities included; recorded_at in UTC; count_values: how many of the commit's run attempts gave one;
--        unit as the data told it; repeats: all values of a run that measured several times, whose median value is; workflow empty for a training's metrics
-- table: every line is made of it
with

latest as (

    select
        repository,
        report,
        workflow,
        commit_sha,
        kind,
        metric,
        max(recorded_order) as recorded_order,
        count(*) as count_values,
        arg_max(value, recorded_order) as value
    from reported_numbers
    cross join settings
    where
        nullif(commit_sha, '') is not null
        and report = coalesce(reported_report, report)
        and (kind = 'ml' or workflow = coalesce(reported_workflow, workflow))
        and (
            metric in (select metric from reported_metrics)
            or not exists (select 1 from reported_metrics)
        )
    group by repository, report, workflow, commit_sha, kind, metric

),

-- A name as words: `valLoss` is `val_loss`.
named as (

    select
        metric,
        lower(regexp_replace(metric, '([a-z0-9])([A-Z])', '\1_\2', 'g')) as words
    from (select distinct metric from latest)

),

-- The name's words tell what is better, where neither the config nor the data do. A name that tells nothing has no goal.
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

),

-- What the data told of a metric; where they told a unit alone, it tells what is better: less time, less room, a higher
-- rate.
told as (

    select
        repository,
        metric,
        unit,
        goal,
        case
            when regexp_matches(lower(unit), '/ ?(s|sec|second|m|min|minute|h|hour)$') then 'maximize'
            when regexp_matches(
                lower(unit),
                '^(ns|us|µs|μs|ms|s|min|h|(nano|micro|milli)?sec(ond)?s?|minutes?|hours?|[kmgt]?i?b|(kilo|mega|giga)?bytes?)'
                || '( ?/ ?(iter|op|call|run|test|epoch|step|request)(eration)?s?)?$'
            ) then 'minimize'
        end as goal_of_unit
    from told_facts

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
    coalesce(metric_rules.goal, told.goal, inferred.goal, told.goal_of_unit) as goal,
    latest.count_values,
    told.unit,
    latest.report,
    latest.workflow,
    repeated_values.repeats
from latest
inner join run_attempts using (recorded_order)
inner join inferred on inferred.metric = latest.metric
left join metric_rules on metric_rules.metric = latest.metric
left join repeated_values
    on
        latest.kind = 'ml'
        and repeated_values.recorded_order = latest.recorded_order
        and repeated_values.metric = latest.metric
left join told on told.repository = latest.repository and told.metric = latest.metric
