namespace Serve.Inference.Detection;

/// <summary>Shape of a buffer: pictures, and the sides of each where they may differ from run to run.</summary>
internal readonly record struct BufferShape(int Batch, int Width, int Height);

/// <summary>Buffers that have been used and wait to be used again.</summary>
/// <param name="keep">Most that wait; the oldest is let go for one more. More than a few batches are only needed in a rush.</param>
internal sealed class BufferPool<T>(int keep) : IDisposable
    where T : class, IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(BufferShape Shape, T Buffer)> _free = new(keep);
    private bool _closed;

    /// <summary>A buffer of that shape, or null when none waits. The latest returned is the warmest.</summary>
    public T? Rent(BufferShape shape)
    {
        lock (_gate)
        {
            for (var i = _free.Count - 1; i >= 0; i--)
            {
                if (_free[i].Shape != shape)
                    continue;
                var buffer = _free[i].Buffer;
                _free.RemoveAt(i);
                return buffer;
            }

            return null;
        }
    }

    public void Return(BufferShape shape, T buffer)
    {
        T? tooMany = null;
        lock (_gate)
        {
            if (_closed)
            {
                tooMany = buffer;
            }
            else
            {
                if (_free.Count >= keep)
                {
                    tooMany = _free[0].Buffer;
                    _free.RemoveAt(0);
                }

                _free.Add((shape, buffer));
            }
        }

        tooMany?.Dispose();
    }

    /// <summary>Frees what waits.</summary>
    public void Clear() => Clear(close: false);

    /// <summary>Frees what waits; what comes back later is freed then.</summary>
    public void Dispose() => Clear(close: true);

    private void Clear(bool close)
    {
        lock (_gate)
        {
            _closed |= close;
            foreach (var (_, buffer) in _free)
                buffer.Dispose();
            _free.Clear();
        }
    }
}
