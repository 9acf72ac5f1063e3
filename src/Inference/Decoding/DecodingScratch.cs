namespace Serve.Inference.Decoding;

/// <summary>Memory of one thread for decoding, used again for each picture, and what of a picture's decoding several steps need.</summary>
internal sealed class DecodingScratch
{
    [ThreadStatic]
    private static DecodingScratch? t_current;

    /// <summary>Gives the thread's own back: it has grown to what this thread decodes only once.</summary>
    public static void Release() => t_current = null;

    /// <summary>The thread's own.</summary>
    public static DecodingScratch Current => t_current ??= new DecodingScratch();

    /// <summary>The outputs of the run.</summary>
    public RunTensors Tensors { get; } = new();

    /// <summary>Boxes.</summary>
    public PartView Boxes { get; } = new();

    /// <summary>Sizes of boxes, where they are another output's.</summary>
    public PartView Sizes { get; } = new();

    /// <summary>Scores.</summary>
    public PartView Scores { get; } = new();

    /// <summary>Labels.</summary>
    public PartView Labels { get; } = new();

    /// <summary>Objectness.</summary>
    public PartView Objectness { get; } = new();

    /// <summary>Counts of rows.</summary>
    public PartView Counts { get; } = new();

    /// <summary>Pictures of rows.</summary>
    public PartView BatchIndex { get; } = new();

    /// <summary>Mask coefficients.</summary>
    public PartView Coefficients { get; } = new();

    /// <summary>Keypoints.</summary>
    public PartView Keypoints { get; } = new();

    /// <summary>Scores of keypoints, where they are another output's.</summary>
    public PartView KeypointScores { get; } = new();

    /// <summary>What passed the threshold.</summary>
    public CandidateKeys Keys { get; } = new();

    /// <summary>Boxes that were kept.</summary>
    public Suppression Suppression { get; } = new();

    /// <summary>Memory of masks.</summary>
    public MaskCanvas Masks { get; } = new();

    /// <summary>Highest scores of a block of locations.</summary>
    public float[] Block { get; } = new float[ScoreSearch.BlockSize];

    /// <summary>Their channels.</summary>
    public int[] BlockChannels { get; } = new int[ScoreSearch.BlockSize];

    /// <summary>Category of each candidate.</summary>
    public int[] Places { get; private set; } = [];

    /// <summary>Levels of the grid.</summary>
    public PlaceLevel[] Grid { get; private set; } = [];

    /// <summary>Outputs that are narrowed to one picture.</summary>
    public bool[] BatchFirst { get; set; } = [];

    /// <summary>Number of the picture in its batch.</summary>
    public int Picture { get; set; }

    /// <summary>Scores below it are left out.</summary>
    public double Threshold { get; set; }

    /// <summary>First location that counts, and the one after the last.</summary>
    public (int First, int End) Rows { get; set; }

    /// <summary>Forgets the parts of the picture before, which may have been another model's.</summary>
    public void Clear()
    {
        foreach (var part in (ReadOnlySpan<PartView>)[Boxes, Sizes, Scores, Labels, Objectness, Counts, BatchIndex, Coefficients, Keypoints, KeypointScores])
            part.Clear();
    }

    /// <summary>Whether an output is narrowed to one picture.</summary>
    public bool IsNarrowed(int output) => BatchFirst[output];

    /// <summary>Makes room for the category of so many candidates.</summary>
    public Span<int> PlacesFor(int count)
    {
        if (Places.Length < count)
            Places = new int[Math.Max(count, 2 * Places.Length)];
        return Places.AsSpan(0, count);
    }

    /// <summary>Makes room for so many levels.</summary>
    public Span<PlaceLevel> GridFor(int levels)
    {
        if (Grid.Length != levels)
            Grid = new PlaceLevel[levels];
        return Grid;
    }
}
