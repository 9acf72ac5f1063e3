using Serve.Api.Storage;

namespace Serve.Api.Evaluation.Storage;

/// <summary>Keeps what was computed while the database cannot be reached: steps of <see cref="EvaluationStore"/> may be tried again at any time.</summary>
internal static class Outage
{
    /// <summary>A database that is gone for longer costs what was computed; it is computed again then.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Takes a step, again and again while the database is gone, busy or full.</summary>
    public static async Task<T> OutlastAsync<T>(Func<Task<T>> step, TimeProvider time, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await step();
            }
            catch (Exception fault) when (DatabaseFault.Of(fault) is not null && time.GetElapsedTime(began) < Longest)
            {
                await Task.Delay(Pause, time, ct);
            }
        }
    }
}
