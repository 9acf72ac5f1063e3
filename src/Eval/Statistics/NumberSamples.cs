using System.Buffers.Binary;

namespace Serve.Eval.Statistics;

/// <summary>
/// A number of a result with its values in resamples of the images: what is needed to tell later whether it differs from another result's, without their detections.
/// The resamples of one seed are the same for all results on the same images.
/// </summary>
/// <param name="Value">The number as it is reported.</param>
/// <param name="Point">The same as resampling computes it: sums of the same values in another order.</param>
/// <param name="Resampled">In each resample; NaN where it has no such number.</param>
public sealed record NumberSamples(double Value, double Point, IReadOnlyList<double> Resampled)
{
    /// <summary>The interval around the number, as <see cref="Bootstrap"/> makes it; null where no resample has the number.</summary>
    /// <param name="level">How often it is to cover the true number.</param>
    public Interval? Interval(double level)
    {
        double[] values = [.. Resampled.Where(value => !double.IsNaN(value)).Order()];
        return values.Length == 0 ? null : BootstrapIntervals.Of(Point, values, [], level, IntervalMethod.Centred).Chosen;
    }

    /// <summary>The mean of a number over several datasets.</summary>
    /// <remarks>
    /// Each dataset is resampled by itself. The resamples of one seed are drawn from the same random numbers whatever the dataset, so that those of one place are not
    /// independent of one another; here each dataset's are taken from another place on.
    /// </remarks>
    /// <param name="datasets">The number on each, with as many resamples; always in the same order, so that results can be compared.</param>
    public static NumberSamples Mean(IReadOnlyList<NumberSamples> datasets)
    {
        ArgumentNullException.ThrowIfNull(datasets);
        ArgumentOutOfRangeException.ThrowIfZero(datasets.Count);
        var count = datasets.Min(samples => samples.Resampled.Count);
        var resampled = new double[count];
        for (var i = 0; i < count; i++)
        {
            for (var d = 0; d < datasets.Count; d++)
                resampled[i] += datasets[d].Resampled[(i + d) % count] / datasets.Count;
        }
        return new(datasets.Average(samples => samples.Value), datasets.Average(samples => samples.Point), resampled);
    }

    /// <summary>The samples as bytes, for <see cref="FromBytes"/>.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[(Resampled.Count + 2) * sizeof(double)];
        Write(0, Value);
        Write(1, Point);
        for (var i = 0; i < Resampled.Count; i++)
            Write(i + 2, Resampled[i]);
        return bytes;

        void Write(int place, double value) => BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(place * sizeof(double)), value);
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="InvalidInputException">The bytes are no such samples.</exception>
    public static NumberSamples FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2 * sizeof(double) || bytes.Length % sizeof(double) != 0)
            throw new InvalidInputException($"The samples of a number have {bytes.Length} bytes; expected {sizeof(double)} for each value, of at least 2.");
        var resampled = new double[(bytes.Length / sizeof(double)) - 2];
        for (var i = 0; i < resampled.Length; i++)
            resampled[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[((i + 2) * sizeof(double))..]);
        return new(BinaryPrimitives.ReadDoubleLittleEndian(bytes), BinaryPrimitives.ReadDoubleLittleEndian(bytes[sizeof(double)..]), resampled);
    }
}
