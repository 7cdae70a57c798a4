-- The older plugin's wide layout, whose columns varied, becomes today's.
-- from: Timestamp (Toronto), commit_id
-- optional: branch = Branch | branch, author = Author | author, status, trained_model
-- optional: plugin_cause = Cause | cause_mlops, run_id, model_version
-- optional: accuracy, val_accuracy, loss, val_loss, training_duration, train_min
-- optional: epochs, opt_name, opt_learning_rate, monitor, patience, restore_best_weights
-- to: today
-- `training_duration` had no stated unit: its number is kept as a column of its own, and read only with units.
select
    * exclude (
        "Timestamp (Toronto)", commit_id, status, trained_model, plugin_cause, run_id, train_min,
        accuracy, val_accuracy, loss, val_loss,
        epochs, opt_name, opt_learning_rate, monitor, patience, restore_best_weights
    ),
    utc_text("Timestamp (Toronto)", 'America/Toronto') as recorded_at,
    commit_id as commit_sha,
    status as workflow_status,
    training_text(yes_no_text(trained_model), 'true') as training,
    plugin_cause as cause,
    run_id as mlflow_run_id,
    coalesce(
        write_number(round(try_cast(train_min as double) * 60, 3)),
        case
            when regexp_matches(training_duration, '[hms]')
                then write_number(try_cast(duration_text(training_duration) as double))
        end,
        train_min
    ) as training_seconds,
    cells_to_object([
        ('epochs', to_json(epochs)),
        ('monitor', to_json(monitor)),
        ('opt_learning_rate', to_json(opt_learning_rate)),
        ('opt_name', to_json(opt_name)),
        ('patience', to_json(patience)),
        ('restore_best_weights', to_json(restore_best_weights))
    ]) as params,
    cells_to_object([
        ('accuracy', metric_json(accuracy)),
        ('loss', metric_json(loss)),
        ('val_accuracy', metric_json(val_accuracy)),
        ('val_loss', metric_json(val_loss))
    ]) as metrics
from lifted
