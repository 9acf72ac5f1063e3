namespace Serve.Inference.Decoding;

/// <summary>Where the channels of a part lie in one tensor, in elements. Locations run by row, column, anchor, or by anchor, row, column.</summary>
internal readonly record struct LevelView
{
    /// <summary>Which output.</summary>
    public required int Output { get; init; }

    /// <summary>Number of its first location among those of all levels.</summary>
    public int Start { get; init; }

    /// <summary>Element of the first channel of the first location.</summary>
    public int Offset { get; init; }

    /// <summary>Rows of locations; 1 where rows follow each other without a gap.</summary>
    public int Rows { get; init; }

    /// <summary>Locations in a row, at one anchor.</summary>
    public int Columns { get; init; }

    /// <summary>Anchors of a cell; 1 where they follow each other without a gap.</summary>
    public int Anchors { get; init; }

    /// <summary>Elements from a row to the next.</summary>
    public int RowStride { get; init; }

    /// <summary>Elements from a column to the next.</summary>
    public int ColumnStride { get; init; }

    /// <summary>Elements from an anchor to the next.</summary>
    public int AnchorStride { get; init; }

    /// <summary>Elements from a channel to the next.</summary>
    public int ChannelStride { get; init; }

    /// <summary>Channels of the part.</summary>
    public int Channels { get; init; }

    /// <summary>The anchor is the outermost index of a location, not the innermost.</summary>
    public bool AnchorFirst { get; init; }

    /// <summary>Height and width of the feature map; zeros for a flat list of locations.</summary>
    public (int Rows, int Columns) Map { get; init; }

    /// <summary>Number of locations.</summary>
    public int Locations => Rows * Columns * Anchors;

    /// <summary>Number of runs of <see cref="Columns"/> locations that lie <see cref="ColumnStride"/> apart.</summary>
    public int Runs => Rows * Anchors;

    /// <summary>Locations from one of a run to its next.</summary>
    public int RunStep => AnchorFirst ? 1 : Anchors;

    /// <summary>The same locations in as few runs as their strides allow.</summary>
    public LevelView Joined()
    {
        var view = this;
        if (view.Rows == 1 || view.RowStride == view.Columns * view.ColumnStride)
            view = view with { Rows = 1, Columns = view.Rows * view.Columns };
        if (view.Anchors > 1 && !view.AnchorFirst && view.ColumnStride == view.Anchors * view.AnchorStride)
            view = view with { Columns = view.Columns * view.Anchors, ColumnStride = view.AnchorStride, Anchors = 1 };
        else if (view.Anchors > 1 && view.AnchorFirst && view.Rows == 1 && view.AnchorStride == view.Columns * view.ColumnStride)
            view = view with { Columns = view.Columns * view.Anchors, Anchors = 1 };
        return view;
    }

    /// <summary>First location and its first element of a run.</summary>
    public (int Location, int Element) Run(int run)
    {
        var (anchor, row) = Math.DivRem(run, Rows);
        var cell = row * Columns;
        return (Start + (AnchorFirst ? (anchor * Rows * Columns) + cell : (cell * Anchors) + anchor), Offset + (anchor * AnchorStride) + (row * RowStride));
    }

    /// <summary>Element of a location's first channel.</summary>
    public int At(int location)
    {
        var i = location - Start;
        if (Rows == 1 && Anchors == 1)
            return Offset + (i * ColumnStride);
        var (anchor, cell) = AnchorFirst ? Math.DivRem(i, Rows * Columns) : (i % Anchors, i / Anchors);
        var (row, column) = Math.DivRem(cell, Columns);
        return Offset + (anchor * AnchorStride) + (row * RowStride) + (column * ColumnStride);
    }
}
