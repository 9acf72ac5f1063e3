using System.Globalization;
using Serve.Eval;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Training.Models;

namespace Serve.Training.Export;

/// <summary>A model that was published.</summary>
/// <param name="Folder">Its folder, <c>&lt;models&gt;/&lt;name&gt;/&lt;version&gt;</c>.</param>
/// <param name="Passport">Its passport, with the version it got.</param>
/// <param name="Parity">The parity check it passed.</param>
public sealed record PublishedModel(string Folder, Passport Passport, ParityReport Parity);

/// <summary>Puts a detector into a models folder, when TorchSharp and ONNX Runtime agree on it.</summary>
public static class ModelPublisher
{
    /// <summary>Name of the ONNX file in a version's folder.</summary>
    public const string FileName = "model.onnx";

    /// <summary>Exports, checks, and only then lets the model appear as the next version of its name.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="passport">Its passport; the version is replaced by the next free one (1 for a new name).</param>
    /// <param name="pictures">Real pictures for the parity check.</param>
    /// <param name="modelsFolder">The folder of all models; the model goes to <c>&lt;name&gt;/&lt;version&gt;</c> in it.</param>
    /// <param name="ct">Stops between two batches of the check; nothing is left then.</param>
    /// <exception cref="InvalidInputException">The check failed, or found nothing to compare; the message holds the report. Nothing is left in the folder.</exception>
    public static Task<PublishedModel> PublishAsync(
        Detector detector, Passport passport, IReadOnlyList<Picture> pictures, string modelsFolder, CancellationToken ct)
        => PublishAsync(detector, passport, pictures, modelsFolder, measure: null, exported: null, ct);

    /// <summary>Exports, checks, measures, and only then lets the model appear as the next version of its name.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="passport">Its passport; the version is replaced by the next free one (1 for a new name).</param>
    /// <param name="pictures">Real pictures for the parity check.</param>
    /// <param name="modelsFolder">The folder of all models; the model goes to <c>&lt;name&gt;/&lt;version&gt;</c> in it.</param>
    /// <param name="measure">Measures the exported model after the check; what it obtains is added to the passport's metrics, in place of those of the same data and protocol.</param>
    /// <param name="ct">Stops between two batches of the check; nothing is left then.</param>
    /// <exception cref="InvalidInputException">The check failed, or found nothing to compare; the message holds the report. Nothing is left in the folder.</exception>
    public static Task<PublishedModel> PublishAsync(
        Detector detector, Passport passport, IReadOnlyList<Picture> pictures, string modelsFolder,
        Func<DetectionModel, Task<IReadOnlyList<ObtainedMetrics>>> measure, CancellationToken ct)
        => PublishAsync(detector, passport, pictures, modelsFolder, measure, exported: null, ct);

    // exported: called with the path of the exported file before the check; tests change the model there.
    internal static async Task<PublishedModel> PublishAsync(
        Detector detector, Passport passport, IReadOnlyList<Picture> pictures, string modelsFolder,
        Func<DetectionModel, Task<IReadOnlyList<ObtainedMetrics>>>? measure, Action<string>? exported, CancellationToken ct)
    {
        var ofName = Path.Combine(modelsFolder, passport.Name);
        passport = passport with { Version = NextVersion(ofName) };
        var target = Path.Combine(ofName, passport.Version.ToString(CultureInfo.InvariantCulture));
        var temporary = Path.Combine(ofName, $".{Guid.NewGuid():N}.tmp");
        try
        {
            var file = Path.Combine(temporary, FileName);
            OnnxExporter.Write(detector, passport, file);
            await passport.WriteAsync(Path.Combine(temporary, Passport.FileName), ct);
            exported?.Invoke(file);

            var report = ParityCheck.Run(detector, file, passport.Input, pictures, ct, passport.Outputs);
            if (report.Detections == 0)
                throw new InvalidInputException($"{passport.Name}: not published, because the check compared nothing: on {report.Images} images the model detects nothing with a score of {ParityCheck.DefaultScoreLimit} or more. Train longer, or check pictures of what it was trained on.");
            if (!report.Passed)
            {
                throw new InvalidInputException(
                    $"{passport.Name}: not published, TorchSharp and ONNX Runtime disagree: {report}; "
                    + $"allowed: 0 unmatched, {ParityReport.BoxTolerance} px, {ParityReport.ScoreTolerance}{(report.MaxMaskDifference is null ? "" : $", masks {ParityReport.MaskTolerance}")}.");
            }

            if (measure is not null && passport.Provenance is { } provenance)
            {
                await using (var model = DetectionModel.Load(temporary, "cpu"))
                    passport = passport with { Provenance = provenance with { Metrics = Joined(provenance.Metrics, await measure(model)) } };
                OnnxExporter.Write(detector, passport, file);
                await passport.WriteAsync(Path.Combine(temporary, Passport.FileName), ct);
            }

            Directory.Move(temporary, target);
            return new PublishedModel(target, passport, report);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
            if (Directory.Exists(ofName) && !Directory.EnumerateFileSystemEntries(ofName).Any())
                Directory.Delete(ofName);
        }
    }

    // Of what was measured twice, in the run and of the exported file, the file's figures stand.
    private static IReadOnlyList<ObtainedMetrics> Joined(IReadOnlyList<ObtainedMetrics> ofRun, IReadOnlyList<ObtainedMetrics> ofFile)
        => [.. ofRun.Where(metrics => !ofFile.Any(other => (other.Dataset, other.Protocol) == (metrics.Dataset, metrics.Protocol))), .. ofFile];

    private static int NextVersion(string folder)
        => Directory.Exists(folder)
            ? 1 + Directory.EnumerateDirectories(folder).Select(VersionOf).DefaultIfEmpty().Max()
            : 1;

    private static int VersionOf(string folder) => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0;
}
