using System.Globalization;
using Serve.Eval.Checks;

namespace Serve.Eval.Formats.Yolo;

/// <summary>One object of a label file.</summary>
/// <param name="Line">Its line, counted from one.</param>
/// <param name="Class">Number of its class, from 0.</param>
/// <param name="Numbers">Centre x, centre y, width and height as fractions of the picture, or the points of a polygon: x, y, x, y, ….</param>
internal sealed record YoloLabel(int Line, int Class, double[] Numbers)
{
    /// <summary>Whether the object is a polygon.</summary>
    public bool IsPolygon => Numbers.Length != YoloLabels.BoxNumbers;
}

/// <summary>Reads label files: a line an object, its class and a box or a polygon.</summary>
internal static class YoloLabels
{
    /// <summary>Numbers of a box.</summary>
    public const int BoxNumbers = 4;

    // Rounded and drawn a little beyond the rim, labels are usual; further out they are not fractions.
    private const double Slack = 0.01;
    private const int FewestPolygonNumbers = 6;
    private const string Allowed = "class cx cy width height, or class and three or more points x y";

    /// <summary>Reads the lines of a file; faulty ones are reported and left out.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="file">Name of the file in messages.</param>
    /// <param name="classes">Number of classes; 0 where their names are not known.</param>
    /// <param name="faults">Is told what is wrong.</param>
    public static IEnumerable<YoloLabel> Read(IEnumerable<string> lines, string file, int classes, IFaultSink faults)
    {
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 0 && Parse(fields, number, new(file, $"line {number}"), classes, faults) is { } label)
                yield return label;
        }
    }

    private static YoloLabel? Parse(string[] fields, int line, RecordPlace place, int classes, IFaultSink faults)
    {
        var count = fields.Length - 1;
        if (count != BoxNumbers && (count < FewestPolygonNumbers || count % 2 != 0))
            return Refuse(FaultKinds.WrongValue, "", $"has {fields.Length} values; it must be {Allowed}");
        if (!int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return Refuse(FaultKinds.WrongValue, "class", $"is \"{fields[0]}\"; it must be a whole number from 0");
        if (classes > 0 && number >= classes)
            return Refuse(FaultKinds.UnknownCategory, "class", $"is {number}; there are names for 0 to {classes - 1}");
        var numbers = new double[count];
        for (var i = 0; i < count; i++)
        {
            var parsed = double.TryParse(fields[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]);
            if (!parsed || !double.IsFinite(numbers[i]))
                return Refuse(parsed ? FaultKinds.NotFinite : FaultKinds.WrongValue, NameOf(i, count), $"is \"{fields[i + 1]}\"; it must be a finite number");
            if (numbers[i] is < -Slack or > 1 + Slack)
                return Refuse(FaultKinds.WrongValue, NameOf(i, count), $"is {fields[i + 1]}; it must be a fraction of the picture's size, 0 to 1");
        }
        return new(line, number, numbers);

        YoloLabel? Refuse(FaultKind kind, string field, string text)
        {
            faults.Report(new(kind, place, field, text));
            return null;
        }
    }

    private static string NameOf(int index, int count)
        => count == BoxNumbers ? ((string[])["cx", "cy", "width", "height"])[index] : $"{(index % 2 == 0 ? 'x' : 'y')}{index / 2 + 1}";
}
