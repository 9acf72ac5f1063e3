using System.Globalization;
using System.Text.RegularExpressions;
using Serve.Eval.Datasets;
using Serve.Eval.Usb;
using Serve.Inference.Models;
using Serve.Inference.Usb;

namespace Serve.Api.Leaderboards;

/// <summary>How a method came about, as far as the USB benchmark asks: from a passport, or as its submitter states it.</summary>
public sealed record UsbOrigin
{
    /// <summary>The model, and how it was trained.</summary>
    public required UsbEntry Entry { get; init; }

    /// <summary>Kinds of annotations used beside boxes.</summary>
    public IReadOnlyList<string> OtherAnnotations { get; init; } = [];

    /// <summary>Hyper-parameters were optimised aggressively.</summary>
    public bool Ahpo { get; init; }

    /// <summary>Detections of several forms of each image were merged.</summary>
    public bool TestTimeAugmentation { get; init; }

    /// <summary>What is not stated and was assumed, a sentence each.</summary>
    public IReadOnlyList<string> Assumptions { get; init; } = [];
}

/// <summary>Finds out how methods came about.</summary>
internal static partial class UsbOrigins
{
    private const string Boxes = "boxes";

    /// <summary>By a passport that states its provenance.</summary>
    public static UsbOrigin Of(Passport passport, IReadOnlyList<ImageEntry> images)
    {
        var submission = PassportSubmission.Of([passport], UsbDivisions.Default, images: images);
        return new()
        {
            Entry = submission.Entries[0],
            OtherAnnotations = submission.OtherAnnotations,
            Ahpo = submission.Ahpo,
            TestTimeAugmentation = submission.TestTimeAugmentation,
            Assumptions = submission.Assumptions,
        };
    }

    /// <summary>By what the submitter states.</summary>
    /// <param name="method">What to call it.</param>
    /// <param name="declared">What is stated, without faults.</param>
    /// <param name="pixels">Pixels that a model of this server sees at most; null for detections.</param>
    public static UsbOrigin Of(string method, DeclaredTraining declared, long? pixels) => new()
    {
        Entry = new()
        {
            Model = method,
            Datasets = [.. (declared.TrainedOn ?? []).Select(data => UsbDivisions.Default.DatasetOf(data.Name)).OfType<UsbDataset>().Distinct()],
            Trained = [.. (declared.TrainedOn ?? []).Select(data => new UsbTraining(data.Name, data.Epochs))],
            Pretrained = [.. (declared.PretrainedOn ?? []).Select(data => new UsbTraining(data.Name, data.Epochs))],
            MaxPixels = pixels ?? (declared.TestResolution is { } size ? PixelsOf(size) : null),
        },
        OtherAnnotations = [.. (declared.AnnotationTypes ?? []).Where(kind => kind != Boxes).Distinct()],
        Ahpo = declared.AggressiveTuning ?? false,
        TestTimeAugmentation = declared.TestTimeAugmentation ?? false,
        Assumptions = ["It is what the submitter states; no passport shows it."],
    };

    /// <summary>What is wrong with what a submitter states.</summary>
    public static IReadOnlyList<string> FaultsOf(DeclaredTraining declared)
    {
        var faults = new List<string>();
        if (declared.TrainedOn is not { Count: > 0 })
            faults.Add("\"trainedOn\" is missing: at least one dataset with its epochs, as [ { \"name\": \"coco/train2017\", \"epochs\": 24 } ].");
        foreach (var data in (declared.TrainedOn ?? []).Concat(declared.PretrainedOn ?? []))
        {
            if (string.IsNullOrWhiteSpace(data.Name) || !(data.Epochs >= 0 && double.IsFinite(data.Epochs)))
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"\"{data.Name}\" with {data.Epochs} epochs: it needs a name, and 0 epochs or more."));
        }
        if (declared.TestResolution is { } size && PixelsOf(size) is null)
            faults.Add($"\"testResolution\" is \"{size}\"; it must be width x height in pixels, as 1333x800.");
        return faults;
    }

    private static long? PixelsOf(string size)
        => Size().Match(size) is { Success: true } match ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"\A([1-9][0-9]{0,5}) ?x ?([1-9][0-9]{0,5})\z")]
    private static partial Regex Size();
}
