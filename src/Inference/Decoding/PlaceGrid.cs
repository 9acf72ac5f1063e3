using Serve.Inference.Families;

namespace Serve.Inference.Decoding;

/// <summary>Where a candidate lies: its cell, its place and anchor in input pixels, its stride, how far centres are spread about the middle of the cell.</summary>
internal readonly record struct Place(int Column, int Row, double X, double Y, double Stride, double AnchorWidth, double AnchorHeight, double CentreScale);

/// <summary>The cells of one level as they are for an input's size.</summary>
internal readonly record struct PlaceLevel(int Start, int Columns, int Rows, int PerCell)
{
    /// <summary>Number of locations.</summary>
    public int Locations => Columns * Rows * PerCell;
}

/// <summary>Tells where candidates lie. Cells are found by arithmetic, so that an input of another size costs nothing.</summary>
internal sealed class PlaceGrid
{
    private readonly GridSpec _spec;
    private readonly (double Width, double Height)[][] _anchors;

    public PlaceGrid(GridSpec spec)
    {
        _spec = spec;
        _anchors = [.. spec.Anchors.Select(level => level.Select(anchor => (anchor[0], anchor[1])).ToArray())];
    }

    /// <summary>Number of levels.</summary>
    public int Levels => _spec.Strides.Count;

    /// <summary>Lays the grid under the locations of the boxes.</summary>
    /// <param name="boxes">The boxes: maps tell their cells themselves.</param>
    /// <param name="width">Width of the input in pixels.</param>
    /// <param name="height">Height of the input in pixels.</param>
    /// <param name="levels">What is filled.</param>
    /// <exception cref="ModelOutputException">There are more or fewer locations than the grid has.</exception>
    public void Lay(PartView boxes, int width, int height, Span<PlaceLevel> levels)
    {
        var start = 0;
        var tensors = boxes.Levels;
        for (var i = 0; i < Levels; i++)
        {
            var perCell = _anchors.Length > 0 ? _anchors[i].Length : _spec.PerCell;
            var map = tensors.Length == Levels ? tensors[i].Map : default;
            var (columns, rows) = map.Rows > 0 ? (map.Columns, map.Rows)
                : _spec.Maps.Count > 0 ? (_spec.Maps[i][0], _spec.Maps[i][1])
                : ((int)Math.Ceiling(width / _spec.Strides[i]), (int)Math.Ceiling(height / _spec.Strides[i]));
            levels[i] = new PlaceLevel(start, columns, rows, perCell);
            if (tensors.Length == Levels && tensors[i].Locations != levels[i].Locations)
                throw Fault(tensors[i].Locations, levels[i].Locations, $" at level {i}");
            start += levels[i].Locations;
        }

        if (start != boxes.Locations)
            throw Fault(boxes.Locations, start, "");

        ModelOutputException Fault(int given, int expected, string where) => new(
            $"the boxes have {given} locations{where}; the grid with strides {string.Join(", ", _spec.Strides)} has {expected} on an input of {width} x {height}.");
    }

    /// <summary>Where a location lies.</summary>
    public Place At(int location, ReadOnlySpan<PlaceLevel> levels, int width, int height)
    {
        var i = LevelOf(location, levels);
        var (column, row, anchor) = Cell(location, levels[i]);
        var stride = _spec.Strides[i];
        var stepX = _spec.Maps.Count > 0 ? (double)width / levels[i].Columns : stride;
        var stepY = _spec.Maps.Count > 0 ? (double)height / levels[i].Rows : stride;
        var (x, y) = ((column + _spec.Offset) * stepX, (row + _spec.Offset) * stepY);
        var (anchorWidth, anchorHeight) = _anchors.Length > 0 ? _anchors[i][anchor] : (stride, stride);
        var place = new Place(column, row, x, y, stride, anchorWidth, anchorHeight, _spec.CentreScales.Count > 0 ? _spec.CentreScales[i] : 1);
        return _spec.ClipAnchors
            ? place with
            {
                X = Math.Clamp(x, 0, width),
                Y = Math.Clamp(y, 0, height),
                AnchorWidth = Math.Clamp(anchorWidth, 0, width),
                AnchorHeight = Math.Clamp(anchorHeight, 0, height),
            }
            : place;
    }

    /// <summary>Number of the level of a location.</summary>
    public static int LevelOf(int location, ReadOnlySpan<PlaceLevel> levels)
    {
        var level = 0;
        while (level + 1 < levels.Length && location >= levels[level + 1].Start)
            level++;
        return level;
    }

    /// <summary>Column, row and anchor of a location.</summary>
    public (int Column, int Row, int Anchor) Cell(int location, PlaceLevel level)
    {
        var local = location - level.Start;
        var (anchor, cell) = _spec.AnchorFirst ? Math.DivRem(local, level.Columns * level.Rows) : (local % level.PerCell, local / level.PerCell);
        return (cell % level.Columns, cell / level.Columns, anchor);
    }

    /// <summary>The location of a column, row and anchor.</summary>
    public int Location(int column, int row, int anchor, PlaceLevel level)
    {
        var cell = (row * level.Columns) + column;
        return level.Start + (_spec.AnchorFirst ? (anchor * level.Columns * level.Rows) + cell : (cell * level.PerCell) + anchor);
    }
}
