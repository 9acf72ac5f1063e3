using Serve.Eval.Json;
using Serve.Eval.Masks;

namespace Serve.Eval.Datasets;

/// <summary>
/// Reads a segmentation: polygons, or run lengths as a text or a list. What was read is kept until the next one, so that a record adds its row when it is
/// complete.
/// </summary>
internal sealed unsafe class SegmentationField
{
    /// <summary>What a segmentation may be in a file.</summary>
    public const string AnyAllowed = "polygons, [[x, y, …], …], or run lengths, {\"size\": [height, width], \"counts\": …}";

    private const string Name = "segmentation";

    private readonly RecordFields fields;
    private readonly NumberBuffer numbers = new();
    private readonly NumberBuffer size = new();
    private readonly RunLengths mask = new();
    private int[] lengths = new int[16];
    private uint[] counts = [];
    private byte[] unescaped = [];
    private byte* text;
    private int textLength;
    private int polygons;

    /// <summary>Makes a reader.</summary>
    /// <param name="fields">Takes the faults.</param>
    public SegmentationField(RecordFields fields) => this.fields = fields;

    /// <summary>What is allowed, in messages.</summary>
    public string Allowed { get; set; } = AnyAllowed;

    /// <summary>Most numbers of all polygons, most polygons, and most counts: then a row of a table, of which a gigabyte is the most, holds them.</summary>
    public int MostNumbers { get; init; } = 1 << 26;

    /// <summary>What was read.</summary>
    public SegmentationKind Kind { get; private set; }

    /// <summary>Whether there was anything, well-formed or not; <c>null</c> is nothing.</summary>
    public bool IsPresent { get; private set; }

    /// <summary>Height of run lengths.</summary>
    public int Height => (int)size[0];

    /// <summary>Width of run lengths.</summary>
    public int Width => (int)size[1];

    /// <summary>The text form of run lengths.</summary>
    public ReadOnlySpan<byte> Text => text == null ? unescaped.AsSpan(0, textLength) : new(text, textLength);

    /// <summary>Forgets what was read.</summary>
    public void Clear() => (Kind, IsPresent) = (SegmentationKind.None, false);

    /// <summary>Reads a segmentation.</summary>
    public byte* Read(byte* p)
    {
        Clear();
        if (*p == 'n')
            return JsonSyntax.AfterScalar(p);
        IsPresent = true;
        return *p switch
        {
            (byte)'[' => ReadPolygons(p),
            (byte)'{' => ReadRuns(p),
            _ => fields.FailAndPass(p, Name, Allowed),
        };
    }

    /// <summary>Appends what was read to a table.</summary>
    public void AddTo(SegmentationTable table)
    {
        switch (Kind)
        {
            case SegmentationKind.Polygons:
                table.AddPolygons(numbers.Values, lengths.AsSpan(0, polygons));
                break;
            case SegmentationKind.Text:
                table.AddRunLengths(Text, Height, Width);
                break;
            case SegmentationKind.List:
                table.AddCounts(counts.AsSpan(0, numbers.Count), Height, Width);
                break;
            default:
                table.AddNone();
                break;
        }
    }

    /// <summary>Area of run lengths (0 for polygons, whose area is not asked for), and the box around the mask; false where there is no mask.</summary>
    public bool TryMeasure(out (double X, double Y, double Width, double Height, double Area) measures)
    {
        measures = default;
        if (Kind is SegmentationKind.Polygons)
        {
            var isBox = new PolygonList(numbers.Values, lengths.AsSpan(0, polygons)).TryBox(out var box);
            measures = (box.X, box.Y, box.Width, box.Height, 0);
            return isBox;
        }
        if (Kind is not (SegmentationKind.Text or SegmentationKind.List) || !mask.TryRead(TextForm(), Height, Width))
            return false;
        var (x, y, width, height) = mask.EnclosingBox();
        measures = (x, y, width, height, mask.Area);
        return true;
    }

    private ReadOnlySpan<byte> TextForm()
    {
        if (Kind is SegmentationKind.Text)
            return Text;
        var form = new byte[RunText.LongestText(numbers.Count)];
        return form.AsSpan(0, RunText.Write(counts.AsSpan(0, numbers.Count), form));
    }

    private byte* ReadPolygons(byte* p)
    {
        Kind = SegmentationKind.Polygons;
        numbers.Clear();
        polygons = 0;
        p = JsonSyntax.AfterSpace(p + 1);
        while (*p != ']' || polygons > 0)
        {
            var before = numbers.Count;
            p = fields.Numbers(p, Name, Allowed, numbers);
            if (p == null)
                return null;
            if (polygons == lengths.Length)
                Array.Resize(ref lengths, 2 * polygons);
            lengths[polygons++] = numbers.Count - before;
            p = JsonSyntax.AfterSpace(p);
            if (*p == ']')
                break;
            if (*p != ',')
                return null;
            p = JsonSyntax.AfterSpace(p + 1);
        }
        RequireFew(Math.Max(numbers.Count, polygons));
        return p + 1;
    }

    private bool RequireFew(int count)
    {
        if (count > MostNumbers)
            fields.Fail(Name, $"has more than {MostNumbers} numbers, which is the limit");
        return count <= MostNumbers;
    }

    private byte* ReadRuns(byte* p)
    {
        numbers.Clear();
        size.Clear();
        var kind = SegmentationKind.None;
        var walk = new ObjectWalk(p);
        while (walk.MoveNext())
        {
            if (walk.Is("counts"u8))
                walk.Pass(ReadCounts(walk.Value, ref kind));
            else if (walk.Is("size"u8))
            {
                size.Clear();
                walk.Pass(fields.Numbers(walk.Value, Name, Allowed, size));
            }
            else
                walk.Pass(JsonSyntax.AfterValue(walk.Value));
        }
        if (walk.End == null)
            return null;
        if (kind is SegmentationKind.None || size.Count != 2 || !IsSide(size[0]) || !IsSide(size[1]) || (kind is SegmentationKind.List && !TakeCounts()))
            fields.Fail(Name, $"does not describe a mask; it must be {Allowed}");
        else
            Kind = kind;
        return walk.End;
    }

    private byte* ReadCounts(byte* p, ref SegmentationKind kind)
    {
        if (*p == '[')
        {
            kind = SegmentationKind.List;
            numbers.Clear();
            return fields.Numbers(p, Name, Allowed, numbers);
        }
        if (*p != '"')
            return JsonSyntax.AfterValue(p);
        var next = JsonSyntax.AfterText(p);
        if (next == null)
            return null;
        kind = SegmentationKind.Text;
        var raw = RecordFields.Between(p + 1, next - 1);
        text = p + 1;
        textLength = raw.Length;
        if (!raw.Contains((byte)'\\'))
            return next;
        if (unescaped.Length < raw.Length)
            unescaped = new byte[2 * raw.Length];
        text = null;
        textLength = JsonText.Unescape(raw, unescaped);
        // Half of a surrogate pair is no character of run lengths either.
        if (textLength < 0)
            kind = SegmentationKind.None;
        return next;
    }

    private bool TakeCounts()
    {
        if (!RequireFew(numbers.Count))
            return false;
        if (counts.Length < numbers.Count)
            counts = new uint[2 * numbers.Count];
        for (var i = 0; i < numbers.Count; i++)
        {
            counts[i] = (uint)numbers[i];
            if (counts[i] != numbers[i])
                return false;
        }
        return true;
    }

    private static bool IsSide(double side) => side is >= 0 and <= int.MaxValue && side == Math.Floor(side);
}
