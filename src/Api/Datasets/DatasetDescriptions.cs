using System.Collections.Concurrent;
using System.Text.Json;
using Serve.Api.Access;
using Serve.Api.Datasets.Storage;
using Serve.Api.Hosting;
using Serve.Api.Wire;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Profiles;

namespace Serve.Api.Datasets;

/// <summary>Datasets as a caller sees them.</summary>
internal sealed class DatasetDescriptions(DatasetCatalogue datasets, DatasetStore store, ServeFolders folders)
{
    // By hash: the same files have the same statistics.
    private readonly ConcurrentDictionary<string, IReadOnlyList<SplitStatistics>> _statistics = new();

    /// <summary>All datasets.</summary>
    public async Task<DatasetList> ListAsync(Caller caller, CancellationToken ct)
        => new([.. (await datasets.ListAsync(ct)).Select(opened => Of(opened.Known, caller))]);

    /// <summary>A dataset.</summary>
    public static DatasetSummary Of(KnownDataset known, Caller caller)
    {
        var (dataset, version) = known;
        return Withholding.Of(dataset, caller).Dataset(new DatasetSummary
        {
            Name = dataset.Name,
            Version = version.Version,
            ContentHash = version.Hash,
            Visibility = dataset.Visibility,
            Source = version.Origin,
            Owner = dataset.Owner,
            Description = dataset.Description,
            CreatedAt = Utc(version.CreatedAt),
            Splits = SplitsOf(version),
            Checks = ChecksOf(version),
        });
    }

    /// <summary>The versions of a dataset.</summary>
    public async Task<DatasetVersionList> VersionsAsync(string name, Caller caller, CancellationToken ct)
    {
        var dataset = (await datasets.OpenAsync(name, null, ct)).Known.Dataset;
        var versions = (await store.VersionsAsync(name, ct)).Select(row => new DatasetVersion(
            row.Version, row.Hash, row.Version == dataset.CurrentVersion, row.Origin, row.Format, Utc(row.CreatedAt), row.CreatedBy, SplitsOf(row), ChecksOf(row)));
        return Withholding.Of(dataset, caller).Versions(new DatasetVersionList(name, [.. versions], []));
    }

    /// <summary>What a dataset holds.</summary>
    public async Task<DatasetStatistics> StatisticsAsync(string name, Caller caller, CancellationToken ct)
    {
        var opened = await datasets.OpenAsync(name, null, ct);
        var (dataset, version) = opened.Known;
        if (Withholding.Of(dataset, caller).InPlaceOfStatistics(name, version.Version) is { } withheld)
            return withheld;
        if (!_statistics.TryGetValue(version.Hash, out var splits))
            _statistics[version.Hash] = splits = await CountAsync(opened.Folder, ct);
        return new DatasetStatistics(name, version.Version, splits, []);
    }

    private async Task<IReadOnlyList<SplitStatistics>> CountAsync(DatasetFolder folder, CancellationToken ct)
    {
        var splits = new List<SplitStatistics>();
        foreach (var split in folder.Splits)
        {
            try
            {
                splits.Add(SplitStatistics.Of(DatasetProfile.Of(split, await datasets.ReadAsync(folder, split, AnnotationParts.All, ct))));
            }
            catch (InvalidInputException fault)
            {
                splits.Add(new SplitStatistics { Name = split, Fault = folders.WithoutPaths(fault.Message) });
            }
        }
        return splits;
    }

    private static IReadOnlyList<SplitSummary> SplitsOf(DatasetVersionRow version) => JsonSerializer.Deserialize(version.Splits, ServeJson.Default.IReadOnlyListSplitSummary)!;

    private static CheckSummary? ChecksOf(DatasetVersionRow version)
        => version.Checks is { } checks ? JsonSerializer.Deserialize(checks, ServeJson.Default.CheckSummary) : null;

    private static DateTimeOffset Utc(DateTime value) => new(DateTime.SpecifyKind(value, DateTimeKind.Utc));
}
