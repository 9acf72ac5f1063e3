namespace Serve.Inference.Detection;

/// <summary>Which of so many processors have a run. Thread-safe.</summary>
/// <param name="count">How many there are.</param>
internal sealed class RunSeats(int count)
{
    private readonly Lock _gate = new();
    private readonly bool[] _taken = new bool[count];

    /// <summary>Takes a seat: the preferred one where that is free, else the first that is.</summary>
    /// <param name="preferred">From 0; a number that is no seat prefers none.</param>
    /// <param name="seat">The seat; -1 where all are taken.</param>
    /// <returns>False when all are taken.</returns>
    public bool TryTakeFree(int preferred, out int seat)
    {
        lock (_gate)
        {
            seat = preferred >= 0 && preferred < _taken.Length && !_taken[preferred] ? preferred : Array.IndexOf(_taken, false);
            if (seat < 0)
                return false;
            _taken[seat] = true;
            return true;
        }
    }

    /// <summary>Takes this one.</summary>
    /// <returns>False when it is taken.</returns>
    public bool TryTake(int seat)
    {
        lock (_gate)
            return !_taken[seat] && (_taken[seat] = true);
    }

    /// <summary>Gives one back.</summary>
    public void Leave(int seat)
    {
        lock (_gate)
            _taken[seat] = false;
    }
}
