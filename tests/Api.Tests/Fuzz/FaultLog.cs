using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Serve.Api.Tests.Fuzz;

/// <summary>Keeps the faults that a server logs, which its answers do not tell.</summary>
internal sealed class FaultLog : ILoggerProvider, ILogger
{
    /// <summary>Faults so far, with what was being done.</summary>
    public ConcurrentQueue<string> Faults { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            Faults.Enqueue($"{formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}
