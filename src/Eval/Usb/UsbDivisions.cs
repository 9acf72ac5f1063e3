using System.Globalization;
using System.Text.Json;
using Serve.Eval.Json;

namespace Serve.Eval.Usb;

/// <summary>
/// The benchmark's rules as data: training divisions by epochs, evaluation divisions by pixels, and the datasets. Not every constant could be verified; each
/// says where it comes from, and a file of the same form takes the place of the one that comes with this program.
/// </summary>
/// <param name="Version">Version of the constants.</param>
/// <param name="Sources">What the source of a constant means.</param>
/// <param name="Training">Training divisions, by rising number.</param>
/// <param name="Bonuses">What is added to a training division's number.</param>
/// <param name="FreeData">Data outside the benchmark that is known to it.</param>
/// <param name="Evaluation">Evaluation divisions, by rising number of pixels.</param>
/// <param name="Datasets">The three datasets.</param>
public sealed record UsbDivisions(
    int Version, IReadOnlyDictionary<string, string> Sources, IReadOnlyList<UsbTrainingDivision> Training, UsbBonuses Bonuses,
    IReadOnlyList<UsbOtherData> FreeData, IReadOnlyList<UsbEvaluationDivision> Evaluation, IReadOnlyList<UsbDatasetRules> Datasets)
{
    private const string Resource = "usb-divisions.json";

    private static readonly Lazy<UsbDivisions> Bundled = new(() =>
    {
        using var stream = typeof(UsbDivisions).Assembly.GetManifestResourceStream(Resource)!;
        return Read(stream, Resource);
    });

    /// <summary>The rules that come with this program.</summary>
    public static UsbDivisions Default => Bundled.Value;

    /// <summary>Reads a file of rules.</summary>
    /// <exception cref="InvalidInputException">The file is missing or has faults; the message lists all of them.</exception>
    public static UsbDivisions Read(string path)
    {
        using var file = InputFile.Open(path, path);
        return Read(file, path);
    }

    /// <summary>Reads rules from a stream.</summary>
    /// <param name="stream">The JSON document; read to its end, not closed.</param>
    /// <param name="source">Name of the document in messages.</param>
    /// <exception cref="InvalidInputException">The document has faults; the message lists all of them.</exception>
    public static UsbDivisions Read(Stream stream, string source)
    {
        try
        {
            var divisions = JsonSerializer.Deserialize(stream, UsbJson.Default.UsbDivisions) ?? throw new InvalidInputException($"{source}: is null; it must be an object.");
            var faults = UsbDivisionFaults.Of(divisions).ToList();
            return faults.Count == 0 ? divisions : throw new InvalidInputException($"{source}: {string.Join("; ", faults)}.");
        }
        catch (JsonException fault)
        {
            throw new InvalidInputException($"{source}: these are no rules of USB: {SyntaxReason.Shortened(fault.Message)}", fault);
        }
    }

    /// <summary>The rules as JSON, in the form that <see cref="Read(string)"/> reads.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, UsbJson.Default.UsbDivisions);

    /// <summary>The divisions as tables for a terminal.</summary>
    public string ToText() => UsbDivisionsText.Of(this);

    /// <summary>The rules of a dataset.</summary>
    public UsbDatasetRules Of(UsbDataset dataset) => Datasets.First(rules => rules.Id == dataset);

    /// <summary>The protocol that evaluates a dataset by these rules.</summary>
    public UsbProtocol ProtocolOf(UsbDataset dataset)
    {
        var protocol = dataset switch { UsbDataset.Coco => UsbProtocol.Coco, UsbDataset.Wod => UsbProtocol.Wod, _ => UsbProtocol.M109s };
        var rules = Of(dataset);
        return protocol with { MaxDetections = rules.MaxDetections.Value, FilterEmpty = rules.FilterEmpty.Value };
    }

    /// <summary>The dataset that a passport means by a name such as <c>coco/train2017</c>; null for none of the three.</summary>
    public UsbDataset? DatasetOf(string name) => Datasets.FirstOrDefault(rules => Means(name, rules.Name, rules.Aliases))?.Id;

    /// <summary>Whether epochs on data count towards a training division: those on ImageNet do not.</summary>
    public bool CountsEpochs(string name) => FreeData.FirstOrDefault(data => Means(name, data.Name, data.Aliases))?.CountsEpochs.Value ?? true;

    /// <summary>Whether data may be used without giving results without it.</summary>
    public bool IsFree(string name) => DatasetOf(name) is not null || FreeData.Any(data => data.IsFree.Value && Means(name, data.Name, data.Aliases));

    /// <summary>The training division of a training.</summary>
    /// <param name="epochs">Epochs, rounded to whole ones: schedules are counted in iterations, and 6x is 73.04 epochs.</param>
    /// <param name="otherAnnotations">Trained with annotations other than boxes.</param>
    /// <param name="ahpo">Aggressive hyper-parameter optimisation was used.</param>
    public UsbTrainingLabel TrainingOf(double epochs, bool otherAnnotations = false, bool ahpo = false)
    {
        var whole = Math.Round(epochs, MidpointRounding.AwayFromZero);
        var division = Training.FirstOrDefault(division => !division.Ahpo.Value && whole <= division.MaxEpochs.Value);
        if (division is null)
        {
            var free = Training.First(candidate => candidate.MaxEpochs.Value is null);
            return new(free.Id, free, free.Requires.Value);
        }
        var withoutAhpo = Number(division.Id) + (otherAnnotations ? Bonuses.OtherAnnotations.Value : 0);
        if (!ahpo)
            return new(Name(withoutAhpo), division, division.Requires.Value);
        var id = Name(withoutAhpo + Bonuses.Ahpo.Value);
        // Where there is no rule of its own, results with and without must be given.
        return new(id, division, Training.FirstOrDefault(listed => listed.Id == id)?.Requires.Value ?? [.. division.Requires.Value, Name(withoutAhpo)]);
    }

    /// <summary>The evaluation division of an image size.</summary>
    /// <param name="pixels">Width times height of the largest resized image, before padding.</param>
    public UsbEvaluationDivision EvaluationOf(long pixels) => Evaluation.First(division => division.MaxPixels.Value is null || pixels <= division.MaxPixels.Value);

    /// <summary>The number of a division that has one.</summary>
    internal static decimal Number(string id) => decimal.Parse(id, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    /// <summary>The division with a number.</summary>
    internal static string Name(decimal number) => number.ToString("0.0##", CultureInfo.InvariantCulture);

    private static bool Means(string given, string name, IReadOnlyList<string> aliases)
    {
        // A split may follow.
        var plain = Plain(given.Split('/')[0]);
        return plain == Plain(name) || aliases.Contains(plain);
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant));
}

/// <summary>The training division of a training.</summary>
/// <param name="Id">Its number with what is added to it, or <c>Freestyle</c>.</param>
/// <param name="Division">The division whose limit of epochs is kept.</param>
/// <param name="Requires">Divisions whose results must be reported too.</param>
public sealed record UsbTrainingLabel(string Id, UsbTrainingDivision Division, IReadOnlyList<string> Requires);
