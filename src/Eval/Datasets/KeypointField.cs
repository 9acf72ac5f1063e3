using System.Globalization;
using Serve.Eval.Json;

namespace Serve.Eval.Datasets;

/// <summary>Reads keypoints. What was read is kept until it is forgotten, so that a record adds its row when it is complete.</summary>
/// <param name="fields">Takes the faults.</param>
internal sealed unsafe class KeypointField(RecordFields fields)
{
    private const string Name = "keypoints";
    private const string Allowed = "[x, y, v, …], three finite numbers a keypoint";

    private readonly NumberBuffer numbers = new();

    /// <summary>Whether there are any, well-formed or not; <c>null</c> is none.</summary>
    public bool IsPresent { get; private set; }

    /// <summary>Forgets what was read.</summary>
    public void Clear()
    {
        numbers.Clear();
        IsPresent = false;
    }

    /// <summary>Reads keypoints.</summary>
    public byte* Read(byte* p)
    {
        Clear();
        if (*p == 'n')
            return JsonSyntax.AfterScalar(p);
        IsPresent = true;
        p = fields.Numbers(p, Name, Allowed, numbers);
        if (p != null && numbers.Count % KeypointTable.Values != 0)
            fields.Fail(Name, string.Create(CultureInfo.InvariantCulture, $"has {numbers.Count} value{(numbers.Count == 1 ? "" : "s")}; it must be {Allowed}"));
        return p;
    }

    /// <summary>Appends what was read to a table, if there is one.</summary>
    /// <param name="table">The table.</param>
    /// <param name="labelled">The file's <c>num_keypoints</c>; -1 for none.</param>
    public void AddTo(KeypointTable? table, int labelled = -1) => table?.Add(numbers.Values, labelled);

    /// <summary>Left, top, width and height of the box around all keypoints, labelled or not; records a fault where there are none.</summary>
    public (double X, double Y, double Width, double Height) Extent()
    {
        var values = numbers.Values;
        if (values.Length < KeypointTable.Values)
        {
            fields.Fail(Name, $"is empty; it must be {Allowed}");
            return default;
        }
        var (left, top, right, bottom) = (values[0], values[1], values[0], values[1]);
        for (var i = KeypointTable.Values; i + 1 < values.Length; i += KeypointTable.Values)
        {
            (left, right) = (Math.Min(left, values[i]), Math.Max(right, values[i]));
            (top, bottom) = (Math.Min(top, values[i + 1]), Math.Max(bottom, values[i + 1]));
        }
        return (left, top, right - left, bottom - top);
    }
}
