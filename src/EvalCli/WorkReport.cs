using System.Diagnostics;

namespace Serve.EvalCli;

/// <summary>Says on standard error how far long work is: one line that is written again on a terminal, a line each tenth elsewhere. Short work is not mentioned.</summary>
/// <param name="title">What is being done.</param>
/// <param name="error">Where it is said.</param>
internal sealed class WorkReport(string title, TextWriter error) : IProgress<double>, IDisposable
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private readonly bool _isTerminal = error == Console.Error && !Console.IsErrorRedirected;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private int _told;

    /// <summary>The part that is done, 0 to 1; any thread may call, in any order.</summary>
    public void Report(double value)
    {
        var step = _isTerminal ? 1 : 10;
        var percent = (int)(100 * value) / step * step;
        lock (_gate)
        {
            if (percent <= _told || Stopwatch.GetElapsedTime(_start) < Short)
            {
                return;
            }

            _told = percent;
            error.Write(_isTerminal ? $"\r{title}: {percent} %" : $"{title}: {percent} %{Environment.NewLine}");
        }
    }

    /// <summary>Ends the line.</summary>
    public void Dispose()
    {
        if (_isTerminal && _told > 0)
        {
            error.WriteLine();
        }
    }
}
