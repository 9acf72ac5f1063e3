namespace Serve.Inference.Detection;

/// <summary>
/// Measured run times per batch size, and what follows from them: how many pictures to run together and how long one more is worth waiting for.
/// </summary>
internal sealed class BatchTimes
{
    // An old measurement weighs half after about seven runs.
    private const double NewWeight = 0.1;

    private readonly Lock _gate = new();
    private readonly double[] _milliseconds;
    private readonly double _leastGain;
    private readonly TimeSpan _longestWait;
    private readonly bool _onlyMeasured;
    private int _limit;
    private volatile int _most;

    /// <param name="maxBatch">Most pictures in a run.</param>
    /// <param name="leastGain">A larger batch has to give so many more pictures a second than a smaller one, as a fraction.</param>
    /// <param name="longestWait">Longest wait for one more.</param>
    /// <param name="onlyMeasured">Run only sizes that were measured: where the first run of a size takes seconds, as it does on a GPU.</param>
    public BatchTimes(int maxBatch, double leastGain, TimeSpan longestWait, bool onlyMeasured = false)
    {
        (_limit, _leastGain, _longestWait, _onlyMeasured) = (maxBatch, leastGain, longestWait, onlyMeasured);
        _milliseconds = new double[maxBatch + 1];
        _most = double.IsNegativeInfinity(leastGain) ? maxBatch : 1;
    }

    /// <summary>Most pictures that are worth running together now.</summary>
    public int Most => _most;

    /// <summary>Milliseconds of a run by batch size, as far as measured.</summary>
    public IReadOnlyDictionary<int, double> Measured
    {
        get
        {
            lock (_gate)
                return Enumerable.Range(1, _milliseconds.Length - 1).Where(size => _milliseconds[size] > 0).ToDictionary(size => size, size => _milliseconds[size]);
        }
    }

    /// <summary>How many of those that wait to run together.</summary>
    public int Fit(int waiting)
    {
        var size = Math.Min(_most, waiting);
        if (!_onlyMeasured)
            return size;
        lock (_gate)
        {
            while (size > 1 && _milliseconds[size] == 0)
                size--;
        }

        return size;
    }

    /// <summary>Lowers the limit: larger batches fail.</summary>
    public void Limit(int size)
    {
        lock (_gate)
        {
            _limit = Math.Min(_limit, size);
            _most = Math.Min(_most, size);
        }
    }

    /// <summary>Adds a measurement.</summary>
    public void Add(int size, double milliseconds)
    {
        // A raw request may hold more than the limit.
        lock (_gate)
        {
            if (size > _limit)
                return;
            ref var known = ref _milliseconds[size];
            known = known > 0 ? known + NewWeight * (milliseconds - known) : milliseconds;
            if (!double.IsNegativeInfinity(_leastGain))
                _most = Best();
        }
    }

    /// <summary>How long so many requests may wait for one more: it saves the difference between a run of its own and a larger run, they lose the wait each.</summary>
    public TimeSpan Patience(int waiting)
    {
        lock (_gate)
        {
            if (waiting < 1 || waiting >= _limit || TimeOf(1) is not { } single || TimeOf(waiting) is not { } now || TimeOf(waiting + 1) is not { } more)
                return TimeSpan.Zero;
            var saved = single - (more - now);
            return saved <= 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(saved / waiting, _longestWait.TotalMilliseconds));
        }
    }

    private int Best()
    {
        var best = 1;
        for (var size = 2; size <= _limit; size++)
        {
            if (_milliseconds[size] > 0 && _milliseconds[1] > 0 && _milliseconds[best] / best > _milliseconds[size] / size * (1 + _leastGain))
                best = size;
        }

        return best;
    }

    /// <summary>Measured, or between the two measured sizes around it.</summary>
    private double? TimeOf(int size)
    {
        var (below, above) = (size, size);
        while (below > 0 && _milliseconds[below] == 0)
            below--;
        while (above < _milliseconds.Length && _milliseconds[above] == 0)
            above++;
        if (below == 0 || above >= _milliseconds.Length)
            return null;
        var between = above == below ? 0 : (double)(size - below) / (above - below);
        return _milliseconds[below] + between * (_milliseconds[above] - _milliseconds[below]);
    }
}
