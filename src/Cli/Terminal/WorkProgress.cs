using Spectre.Console;

namespace Serve.Cli.Terminal;

/// <summary>Shows the progress of long work on standard error: a bar with the time left on a terminal, plain lines elsewhere.</summary>
internal static class WorkProgress
{
    /// <summary>Runs work that reports how many of <paramref name="total"/> parts are done.</summary>
    public static async Task<T> RunAsync<T>(string title, int total, TextWriter error, Func<IProgress<int>, Task<T>> work)
    {
        if (error != Console.Error || Console.IsErrorRedirected)
        {
            return await work(new PlainLines(title, total, error));
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context =>
            {
                var bar = context.AddTask(title, maxValue: total);
                return work(new Bar(bar));
            });
    }

    private sealed class Bar(ProgressTask task) : IProgress<int>
    {
        public void Report(int value) => task.Value = Math.Max(task.Value, value);
    }

    /// <summary>A line each tenth of the work.</summary>
    private sealed class PlainLines(string title, int total, TextWriter error) : IProgress<int>
    {
        private readonly Lock _gate = new();
        private int _tenths;

        public void Report(int value)
        {
            lock (_gate)
            {
                var tenths = total == 0 ? 10 : (int)(10L * value / total);
                if (tenths <= _tenths)
                {
                    return;
                }

                _tenths = tenths;
                error.WriteLine($"{title}: {value} of {total}");
            }
        }
    }
}
