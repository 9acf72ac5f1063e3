using System.Runtime;

namespace Serve.Training.Tracing;

/// <summary>
/// Keeps the garbage collector still while operators of libtorch run, and lets it work between steps. What loops over steps or batches holds one, and says after each of them that no
/// operator runs now.
/// </summary>
/// <remarks>
/// TorchSharp 0.107 makes a <c>Scalar</c> for nearly every operator (also for <c>a + b</c>, whose factor is 1) and hands only its address to libtorch. Nothing refers to the object while
/// the operator reads the number, so a collection at that moment frees it: the operator fails with <c>Expected false to be true … Scalar.h</c>, or reads what lies there. Operators of
/// threads that prepare batches take no scalars and may run on.
/// </remarks>
internal sealed class CollectorPause : IDisposable
{
    // Garbage after which a collection is worth its time. A step that makes more than what the runtime sets aside, half of it for large arrays, is collected in its midst.
    private const long Worthwhile = 64L << 20;
    private const long SetAside = 4 * Worthwhile;

    private static readonly Lock Gate = new();
    private static readonly AsyncLocal<bool> Holds = new();
    private static int _holders;
    private static long _allocatedBefore;

    private readonly bool _nested;
    private bool _ended;

    private CollectorPause(bool nested) => _nested = nested;

    /// <summary>Begins a pause; one that is begun within another is part of it.</summary>
    public static CollectorPause Begin()
    {
        if (Holds.Value)
            return new(nested: true);
        lock (Gate)
        {
            if (_holders++ == 0)
                Start();
        }

        Holds.Value = true;
        return new(nested: false);
    }

    /// <summary>No operator of this flow runs now: collects, if there is enough to collect. While operators of another flow run, nothing is done.</summary>
    public void Between()
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        lock (Gate)
        {
            if (_holders > 1 || (IsOn && GC.GetTotalAllocatedBytes() - _allocatedBefore < Worthwhile))
                return;
            Stop();
            Start();
        }
    }

    /// <summary>Ends the pause.</summary>
    public void Dispose()
    {
        if (_nested || _ended)
            return;
        _ended = true;
        Holds.Value = false;
        lock (Gate)
        {
            if (--_holders == 0)
                Stop();
        }
    }

    private static bool IsOn => GCSettings.LatencyMode == GCLatencyMode.NoGCRegion;

    // Finalizers of what is garbage already end before the first operator: they free scalars.
    private static void Start()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (!IsOn)
            GC.TryStartNoGCRegion(SetAside, SetAside / 2);
        _allocatedBefore = GC.GetTotalAllocatedBytes();
    }

    private static void Stop()
    {
        try
        {
            if (IsOn)
                GC.EndNoGCRegion();
        }
        catch (InvalidOperationException)
        {
            // Another thread has just made more garbage than was set aside, which ended it.
        }
    }
}
