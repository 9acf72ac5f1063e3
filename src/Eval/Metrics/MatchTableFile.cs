using System.Runtime.InteropServices;
using System.Text;

namespace Serve.Eval.Metrics;

/// <summary>
/// Matches as bytes, exact to the last bit, for jobs whose parts are matched by several processes: each writes its part, one reads and merges them
/// (<see cref="MatchTable.Merge"/>). Little-endian; the mark <c>SMT1</c>, then the columns of <see cref="MatchInput"/> and the pairs of each table, each list
/// with its length. Overlaps are not kept: what was read can be accumulated and resampled, not matched again.
/// </summary>
public static class MatchTableFile
{
    private const uint Mark = 0x31544D53;   // "SMT1"

    /// <summary>Writes matches to a stream, which is not closed.</summary>
    public static void Write(Stream stream, MatchTable matches)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(matches);
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        var input = matches.Input;
        writer.Write(Mark);
        writer.Write((int)input.Assignment);
        Put(writer, input.ImageIds);
        Put(writer, input.CategoryIds);
        Put(writer, input.IouThresholds);
        writer.Write(input.AreaRanges.Length);
        foreach (var range in input.AreaRanges)
        {
            writer.Write(range.Name);
            writer.Write(range.Lower);
            writer.Write(range.Upper);
            writer.Write((int)range.Measure);
        }
        Put(writer, input.Groups);
        Put(writer, input.DetectionRows);
        Put(writer, input.Scores);
        Put(writer, input.DetectionAreas);
        Put(writer, input.IsIgnoredUnmatched ?? []);
        Put(writer, input.GroundTruthRows);
        Put(writer, input.GroundTruthAreas);
        Put(writer, input.IsCrowd);
        Put(writer, input.IsIgnored);
        Put(writer, input.HasZeroId ?? []);
        Put(writer, input.DetectionRelativeScales ?? []);
        Put(writer, input.GroundTruthRelativeScales ?? []);
        for (var a = 0; a < input.AreaRanges.Length; a++)
        {
            for (var t = 0; t < input.IouThresholds.Length; t++)
                Put(writer, matches.Pairs(a, t));
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote. The stream is not closed.</summary>
    /// <exception cref="InvalidInputException">The bytes are no such matches.</exception>
    public static MatchTable Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        try
        {
            if (reader.ReadUInt32() != Mark)
                throw new InvalidInputException("Stored matches do not begin with SMT1.");
            var table = ReadTable(reader);
            Check(table);
            return table;
        }
        catch (Exception fault) when (fault is EndOfStreamException or FormatException)
        {
            throw new InvalidInputException("Stored matches end too early.", fault);
        }
    }

    private static MatchTable ReadTable(BinaryReader reader)
    {
        var assignment = (Assignment)reader.ReadInt32();
        var (imageIds, categoryIds, thresholds) = (Take<long>(reader), Take<long>(reader), Take<double>(reader));
        var ranges = new List<AreaRange>();
        for (var left = Length(reader, sizeof(double) * 2); left > 0; left--)
            ranges.Add(new(reader.ReadString(), reader.ReadDouble(), reader.ReadDouble()) { Measure = (SizeMeasure)reader.ReadInt32() });
        var (groups, rows, scores, areas, unmatched) = (Take<PairGroup>(reader), Take<int>(reader), Take<double>(reader), Take<double>(reader), Take<bool>(reader));
        var (objectRows, objectAreas, crowds, ignored, zeros) = (Take<int>(reader), Take<double>(reader), Take<bool>(reader), Take<bool>(reader), Take<bool>(reader));
        var (scales, objectScales) = (Take<double>(reader), Take<double>(reader));
        var pairs = new MatchedPair[ranges.Count * thresholds.Length][];
        for (var table = 0; table < pairs.Length; table++)
            pairs[table] = Take<MatchedPair>(reader);
        return new(
            new()
            {
                ImageIds = imageIds,
                CategoryIds = categoryIds,
                Groups = groups,
                DetectionRows = rows,
                Scores = scores,
                DetectionAreas = areas,
                IsIgnoredUnmatched = unmatched.Length == 0 ? null : unmatched,
                GroundTruthRows = objectRows,
                GroundTruthAreas = objectAreas,
                DetectionRelativeScales = scales.Length == 0 ? null : scales,
                GroundTruthRelativeScales = objectScales.Length == 0 ? null : objectScales,
                IsCrowd = crowds,
                IsIgnored = ignored,
                HasZeroId = zeros.Length == 0 ? null : zeros,
                Overlap = new Forgotten(),
                Assignment = assignment,
                IouThresholds = thresholds,
                AreaRanges = [.. ranges],
            },
            pairs);
    }

    /// <summary>Whoever reads the table uses places without asking.</summary>
    private static void Check(MatchTable table)
    {
        var input = table.Input;
        var (detections, groundTruths) = (input.Scores.Length, input.IsCrowd.Length);
        var fit = input.DetectionRows.Length == detections && input.DetectionAreas.Length == detections
            && (input.IsIgnoredUnmatched is null || input.IsIgnoredUnmatched.Length == detections)
            && input.GroundTruthRows.Length == groundTruths && input.GroundTruthAreas.Length == groundTruths && input.IsIgnored.Length == groundTruths
            && (input.HasZeroId is null || input.HasZeroId.Length == groundTruths)
            && ScalesFit(input, input.DetectionRelativeScales ?? [], detections) && ScalesFit(input, input.GroundTruthRelativeScales ?? [], groundTruths);
        int d = 0, g = 0;
        var last = (Category: -1, Image: -1);
        foreach (var group in input.Groups)
        {
            fit &= group.Category >= 0 && group.Category < input.CategoryIds.Length && group.Image >= 0 && group.Image < input.ImageIds.Length
                && group.DetectionStart == d && group.GroundTruthStart == g && group.DetectionCount >= 0 && group.GroundTruthCount >= 0;
            fit &= (group.Category, group.Image).CompareTo(last) > 0;
            (d, g, last) = (d + group.DetectionCount, g + group.GroundTruthCount, (group.Category, group.Image));
        }
        fit &= d == detections && g == groundTruths;
        for (var a = 0; a < input.AreaRanges.Length; a++)
        {
            for (var t = 0; t < input.IouThresholds.Length; t++)
            {
                var before = -1;
                foreach (var pair in table.Pairs(a, t))
                {
                    fit &= pair.Detection > before && pair.Detection < detections && pair.GroundTruth >= 0 && pair.GroundTruth < groundTruths;
                    before = pair.Detection;
                }
            }
        }
        if (!fit)
            throw new InvalidInputException("Stored matches contradict themselves: a column, group or pair points outside the others.");
    }

    /// <summary>Relative scales are there for all or none, and for all where a range asks for them.</summary>
    private static bool ScalesFit(MatchInput input, double[] scales, int count)
        => scales.Length == count || (scales.Length == 0 && input.AreaRanges.All(range => range.Measure is SizeMeasure.Area or SizeMeasure.Scale));

    private static void Put<T>(BinaryWriter writer, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        writer.Write(values.Length);
        writer.Write(MemoryMarshal.AsBytes(values));
    }

    private static void Put<T>(BinaryWriter writer, T[] values)
        where T : unmanaged
        => Put<T>(writer, values.AsSpan());

    private static T[] Take<T>(BinaryReader reader)
        where T : unmanaged
    {
        var values = new T[Length(reader, Marshal.SizeOf<T>())];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static int Length(BinaryReader reader, int itemBytes)
    {
        var length = reader.ReadInt32();
        return length >= 0 && (long)length * itemBytes <= Array.MaxLength ? length : throw new InvalidInputException($"Stored matches claim a list of {length} items.");
    }

    private sealed class Forgotten : IOverlap
    {
        public void Compute(PairGroup group, Span<double> overlaps)
            => throw new InvalidOperationException("These matches were read from a file, which does not keep overlaps.");
    }
}
