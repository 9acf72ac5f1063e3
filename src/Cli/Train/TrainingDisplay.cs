using System.Globalization;
using Serve.Training.Runs;
using Spectre.Console;

namespace Serve.Cli.Train;

/// <summary>Shows a training on standard error: a bar with losses and time left on a terminal, a line an epoch elsewhere.</summary>
internal static class TrainingDisplay
{
    public static async Task<TrainingResult> RunAsync(TextWriter error, Func<IProgress<TrainingProgress>, Task<TrainingResult>> training)
    {
        if (error != Console.Error || Console.IsErrorRedirected)
        {
            return await training(new Lines(error));
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return await console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(context => training(new Bar(context, console)));
    }

    internal static string Describe(TrainingProgress progress)
    {
        if (progress.Notice is { } notice)
        {
            return notice;
        }

        if (progress.Evaluations is { } evaluations)
        {
            var numbers = evaluations.Select(evaluation => string.Join(", ", evaluation.StatsNames.Zip(evaluation.Stats).Take(3).Select(number => Invariant($"{number.First} {number.Second:0.000}"))));
            return Invariant($"epoch {progress.Epoch:0.0}: validation {string.Join("; masks ", numbers)}");
        }

        var losses = string.Join(", ", progress.Losses.Select(loss => Invariant($"{loss.Key} {loss.Value:0.000}")));
        return Invariant($"epoch {progress.Epoch:0.0}: {losses}, lr {progress.LearningRate:0.0e+0}, {progress.ImagesPerSecond:0.0} images/s, {Left(progress)} left");
    }

    private static string Left(TrainingProgress progress)
        => progress.TimeLeft is not { } left ? "?" : left.TotalHours >= 1 ? Invariant($"{left.TotalHours:0.0} h") : Invariant($"{left.TotalMinutes:0} min");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Lines(TextWriter error) : IProgress<TrainingProgress>
    {
        private long _epoch = -1;

        public void Report(TrainingProgress value)
        {
            if (value is { Evaluations: null, Notice: null } && (long)value.Epoch == _epoch)
            {
                return;
            }

            _epoch = value.Notice is null ? (long)value.Epoch : _epoch;
            error.WriteLine(Describe(value));
        }
    }

    private sealed class Bar(ProgressContext context, IAnsiConsole console) : IProgress<TrainingProgress>
    {
        private ProgressTask? _task;

        public void Report(TrainingProgress value)
        {
            _task ??= context.AddTask("training", maxValue: value.TotalSteps);
            _task.Value = value.Step;
            if (value is { Evaluations: null, Notice: null })
            {
                _task.Description = Markup.Escape(Describe(value));
            }
            else
            {
                console.WriteLine(Describe(value));
            }
        }
    }
}
