namespace Serve.Inference.Decoding;

/// <summary>A part of a run's outputs: its levels, one after the other. Filled again for each picture.</summary>
internal sealed class PartView
{
    private LevelView[] _levels = new LevelView[1];

    /// <summary>Number of levels; 0 where a model has no such part.</summary>
    public int Count { get; private set; }

    /// <summary>Locations of all levels.</summary>
    public int Locations { get; private set; }

    /// <summary>Channels of a location.</summary>
    public int Channels => Count == 0 ? 0 : _levels[0].Channels;

    /// <summary>The levels.</summary>
    public ReadOnlySpan<LevelView> Levels => _levels.AsSpan(0, Count);

    /// <summary>Takes all levels away.</summary>
    public void Clear() => (Count, Locations) = (0, 0);

    /// <summary>Adds a level behind those there are.</summary>
    public void Add(LevelView level)
    {
        if (Count == _levels.Length)
            Array.Resize(ref _levels, 2 * Count);
        _levels[Count++] = (level with { Start = Locations }).Joined();
        Locations += level.Locations;
    }

    /// <summary>The level of a location.</summary>
    public ref readonly LevelView LevelOf(int location)
    {
        var level = 0;
        while (level + 1 < Count && location >= _levels[level + 1].Start)
            level++;
        return ref _levels[level];
    }
}
