using System.Text.Json;
using Serve.Api.Access;
using Serve.Api.Datasets.Storage;
using Serve.Api.Models;
using Serve.Api.Problems;
using Serve.Api.Wire;
using Serve.Eval;
using Serve.Eval.Checks;
using Serve.Eval.Datasets;
using Serve.Eval.Formats;
using Serve.Eval.Formats.Conversion;
using Serve.Inference.Datasets;
using Serve.Inference.Pictures;

namespace Serve.Api.Datasets;

/// <summary>
/// Makes a dataset of files that somebody sent: reads them in their format, checks them, writes them in the server's layout beside the datasets, and puts them in their
/// place by a rename. A dataset with an error is refused with all of them, and nothing of it is kept.
/// </summary>
internal sealed class DatasetRegistration(DatasetCatalogue datasets, DatasetStore store, DatasetPlaces places)
{
    private const int MostProblems = 1000;
    private const int KeptExamples = 5;
    private const string RefusedKind = "refused";

    /// <summary>Registers a dataset, or a version of one.</summary>
    /// <param name="asked">What it is to be called.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="fetch">Gets an empty folder to work in, and gives the folder with the dataset's files.</param>
    /// <param name="caller">Who sends it.</param>
    /// <param name="ct">Cancels; nothing is left behind.</param>
    /// <returns>The dataset, and whether its files are new to the server.</returns>
    /// <exception cref="RequestRefusedException">400 with all problems; 403, 409: it is another's, or lies in the data folder; 507: the disk is full.</exception>
    public async Task<(KnownDataset Known, bool IsNew)> RegisterAsync(
        CheckedDataset asked, DatasetOrigin origin, Func<string, CancellationToken, Task<string>> fetch, Caller caller, CancellationToken ct)
    {
        await RequireMayChangeAsync(asked.Name, caller, ct);
        return await StorageFaults.TellAsync(() => RegisterFilesAsync(asked, origin, fetch, caller, ct), "workspace");
    }

    /// <summary>Deletes a dataset with its files.</summary>
    /// <exception cref="RequestRefusedException">403: it is another's; 404: there is none; 409: it lies in the data folder, or an evaluation needs it.</exception>
    public async Task DeleteAsync(string name, Caller caller, CancellationToken ct)
    {
        if (datasets.IsInDataFolder(name) && (await datasets.OpenAsync(name, null, ct)).Known.Version.Origin == DatasetOrigin.Folder)
            throw DatasetStore.InDataFolder(name);
        if (!await store.DeleteAsync(name, caller, ct))
            throw new RequestRefusedException(StatusCodes.Status404NotFound, $"There is no dataset \"{name}\". Datasets: {string.Join(", ", (await datasets.NamesAsync(ct)).DefaultIfEmpty("none"))}.");
        places.RemoveAll(name);
    }

    private async Task RequireMayChangeAsync(string name, Caller caller, CancellationToken ct)
    {
        if (await store.FindAsync(name, ct) is { } dataset)
            DatasetStore.RequireMayChange(dataset, (await store.VersionsAsync(name, ct)).First(row => row.Version == dataset.CurrentVersion), caller);
        else if (datasets.IsInDataFolder(name))
            throw DatasetStore.InDataFolder(name);
    }

    private async Task<(KnownDataset Known, bool IsNew)> RegisterFilesAsync(
        CheckedDataset asked, DatasetOrigin origin, Func<string, CancellationToken, Task<string>> fetch, Caller caller, CancellationToken ct)
    {
        var staging = places.NewStaging(asked.Name);
        try
        {
            var source = await fetch(staging, ct);
            var folder = Path.Combine(staging, "dataset");
            var (splits, format, checks) = await MakeAsync(asked, source, folder, ct);
            var hash = await ContentHash.OfFolderAsync(folder, ct);
            places.Place(folder, asked.Name, hash);
            return await store.AddVersionAsync(
                new NewVersion(
                    asked.Name, hash, origin, format.Name(), JsonSerializer.Serialize(splits, ServeJson.Default.IReadOnlyListSplitSummary),
                    JsonSerializer.Serialize(checks, ServeJson.Default.CheckSummary), caller, asked.Visibility, asked.Description),
                CancellationToken.None);
        }
        finally
        {
            DatasetPlaces.Remove(staging);
        }
    }

    private static async Task<(IReadOnlyList<SplitSummary> Splits, DatasetFormat Format, CheckSummary Checks)> MakeAsync(CheckedDataset asked, string source, string target, CancellationToken ct)
    {
        try
        {
            var opened = DatasetOpening.Open(RootOf(source, asked.Format), asked.Format, images: null, WaymoFrames.F0, within: source);
            var (splits, checks) = await CheckAsync(asked.Name, opened, ct);
            // Detections made elsewhere can be evaluated without pictures.
            var hasPictures = splits.Any(split => !split.Pictures.AreFiles || split.Pictures.LookedIn.Length > 0);
            var options = new ConversionOptions { Pictures = hasPictures ? PictureTransfer.Copy : PictureTransfer.None, DropEmpty = opened.DropsEmptyImages };
            await DatasetConversion.WriteAsync(target, splits, options, progress: null, ct);
            // By the evaluator's own reader, which refuses what an evaluation would refuse.
            var folder = DatasetFolder.Open(target, asked.Name);
            var summaries = new List<SplitSummary>();
            foreach (var split in folder.Splits)
                summaries.Add(SplitSummary.Of(split, await folder.ReadAsync(split, ct)));
            return (summaries, opened.Format, checks);
        }
        catch (InvalidInputException fault) when (fault is not RequestRefusedException)
        {
            throw Refused(asked.Name, [new DatasetProblem(RefusedKind, "", "", "", WithoutPath(fault.Message, source, asked.Name))], 1);
        }
    }

    private static async Task<(IReadOnlyList<DatasetSplit> Splits, CheckSummary Checks)> CheckAsync(string name, DatasetSource source, CancellationToken ct)
    {
        var faults = new FaultCollector(MostProblems);
        source.CheckWhole(faults);
        var splits = new List<DatasetSplit>();
        foreach (var split in source.DistinctSplits)
            splits.Add(await source.ReadAsync(split, faults, progress: null, ct));
        DatasetCheck.CheckRecords(splits, faults);
        await DatasetCheck.CheckPicturesAsync(splits, PictureHeader.ReadSize, faults, progress: null, ct);

        var report = CheckReport.From(source, splits, faults);
        if (report.Errors > 0)
            throw Refused(
                name,
                [.. report.Findings.Where(finding => finding.Kind.Severity == Severity.Error).SelectMany(finding => finding.Examples).Take(MostProblems).Select(Problem)],
                report.Errors);
        return (splits, new CheckSummary(report.Warnings, report.CountOf(Severity.Information), [.. report.Findings.Select(finding => new CheckedKind(
            finding.Kind.Code, JsonNamingPolicy.CamelCase.ConvertName($"{finding.Kind.Severity}"), finding.Kind.Title, finding.Count,
            [.. finding.Examples.Take(KeptExamples).Select(Problem)]))]));

        DatasetProblem Problem(Fault fault) => DatasetProblem.Of(fault) is var problem ? problem with { Fault = WithoutPath(problem.Fault, source.Path, name) } : problem;
    }

    /// <summary>The folder that holds the dataset: archives often have one folder around everything.</summary>
    private static string RootOf(string folder, DatasetFormat? format)
    {
        while (Directory.GetDirectories(folder) is [var only] && Directory.GetFiles(folder).Length == 0 && (HasConfig(only) || !IsDataset(folder, format)))
            folder = only;
        return folder;
    }

    // From outside, such a folder of YOLO's looks like a split.
    private static bool HasConfig(string folder) => Directory.EnumerateFiles(folder, "*.yaml").Concat(Directory.EnumerateFiles(folder, "*.yml")).Any();

    private static bool IsDataset(string folder, DatasetFormat? format)
    {
        try
        {
            DatasetOpening.Open(folder, format, images: null, WaymoFrames.F0, within: folder);
            return true;
        }
        catch (InvalidInputException)
        {
            return false;
        }
    }

    /// <summary>The refusal of a dataset with all its problems.</summary>
    internal static RequestRefusedException Refused(string name, IReadOnlyList<DatasetProblem> problems, long count)
    {
        var first = problems[0];
        var place = string.Join(", ", ((string[])[first.File, first.Record]).Where(part => part.Length > 0));
        var said = $"{(place.Length > 0 ? $"{place}: " : "")}{(first.Field.Length > 0 ? $"\"{first.Field}\" " : "")}{first.Fault.TrimEnd('.')}.";
        return new RequestRefusedException(StatusCodes.Status400BadRequest,
            count == 1 ? $"Dataset \"{name}\" has an error, and nothing of it was kept. {said}" : $"Dataset \"{name}\" has {count:N0} errors, and nothing of it was kept. The first: {said}")
            .With("problems", problems).With("problemCount", count);
    }

    private static string WithoutPath(string text, string folder, string name) => text.Replace(folder, name, StringComparison.Ordinal);
}
