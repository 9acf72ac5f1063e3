namespace Serve.Inference.Families;

/// <summary>The values of a dense output on one picture of noise.</summary>
internal sealed class DenseValues(float[] values, int locations, int channels, bool channelsFirst)
{
    // float16 rounds 1 - epsilon up, and exporters clip at bounds of their own.
    private const float Slack = 1e-3f;

    /// <summary>The value of a channel at a location.</summary>
    public float this[int location, int channel] => channelsFirst ? values[channel * locations + location] : values[location * channels + channel];

    /// <summary>True when the output was read: the element type is known.</summary>
    public bool IsKnown => values.Length == (long)locations * channels;

    /// <summary>True when all values of the channels lie in 0..1.</summary>
    public bool AreScores(int from, int to)
    {
        for (var channel = from; channel < to; channel++)
        {
            if (!All(channel, value => value is >= -Slack and <= 1 + Slack))
                return false;
        }

        return true;
    }

    /// <summary>True when the channel is one everywhere.</summary>
    public bool IsOne(int channel) => All(channel, value => Math.Abs(value - 1) <= Slack);

    /// <summary>Number of channels, from the first, that are scores.</summary>
    public int LeadingScores()
    {
        var leading = 0;
        while (leading < channels && AreScores(leading, leading + 1))
            leading++;
        return leading;
    }

    /// <summary>The highest value of some channels, at the location in the middle of all.</summary>
    public double MedianOfHighest(int from, int to)
    {
        var highest = new float[locations];
        Array.Fill(highest, float.NegativeInfinity);
        for (var location = 0; location < locations; location++)
        {
            for (var channel = from; channel < to; channel++)
                highest[location] = Math.Max(highest[location], this[location, channel]);
        }

        Array.Sort(highest);
        return highest[locations / 2];
    }

    /// <summary>
    /// True when the first two channels are offsets in a cell and not pixels of the input: half of the locations lie closer to their cell's corner, in strides,
    /// read as offsets than read as pixels.
    /// </summary>
    public bool AreCellOffsets(Pyramid pyramid, int width, int height)
    {
        var (offsets, places, location) = (0, 0, 0);
        foreach (var stride in pyramid.Strides)
        {
            var columns = (int)Math.Ceiling(width / stride);
            var rows = (int)Math.Ceiling(height / stride);
            for (var cell = 0; cell < rows * columns; cell++, location++)
            {
                var (x, y) = (this[location, 0], this[location, 1]);
                var asOffset = Math.Abs(x - 0.5) + Math.Abs(y - 0.5);
                var asPlace = Math.Abs(x / stride - (cell % columns + 0.5)) + Math.Abs(y / stride - (cell / columns + 0.5));
                if (asOffset < asPlace)
                    offsets++;
                else
                    places++;
            }
        }

        return offsets > places;
    }

    private bool All(int channel, Func<float, bool> holds)
    {
        for (var location = 0; location < locations; location++)
        {
            if (!holds(this[location, channel]))
                return false;
        }

        return true;
    }
}
