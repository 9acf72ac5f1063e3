using System.Collections.Concurrent;
using System.Text.Json;
using Serve.Api.Datasets.Storage;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Api.Wire;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Formats;

namespace Serve.Api.Datasets;

/// <summary>A dataset that can be read.</summary>
/// <param name="Known">What is known of it beside its files.</param>
/// <param name="Folder">Its files.</param>
internal sealed record OpenedDataset(KnownDataset Known, DatasetFolder Folder);

/// <summary>
/// The datasets of this server: those that were sent to it, and those in the data folder, one folder each. Looked up at each question, so that a new one is there at
/// once. A dataset that was sent hides a folder of its name.
/// </summary>
internal sealed class DatasetCatalogue(ServeFolders folders, DatasetPlaces places, DatasetStore store)
{
    /// <summary>Splits kept parsed: an evaluation's shards ask for the same one again and again.</summary>
    private const int KeptSplits = 4;

    private readonly ConcurrentDictionary<ParsedSplit, Lazy<Task<Dataset>>> _parsed = new();
    private readonly ConcurrentDictionary<SplitFile, string> _hashes = new();
    private readonly ConcurrentQueue<ParsedSplit> _order = new();

    /// <summary>Names of the datasets, sorted.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken ct)
        => [.. (await store.ListAsync(ct)).Where(known => known.Version.Origin != DatasetOrigin.Folder).Select(known => known.Dataset.Name)
            .Union(FolderNames()).Order(StringComparer.Ordinal)];

    /// <summary>All datasets in their current versions, by name. One of the data folder that was not seen before, or was changed, becomes a version.</summary>
    public async Task<IReadOnlyList<OpenedDataset>> ListAsync(CancellationToken ct)
    {
        var known = (await store.ListAsync(ct)).ToDictionary(entry => entry.Dataset.Name);
        var list = new List<OpenedDataset>();
        foreach (var (name, entry) in known)
        {
            if (entry.Version.Origin != DatasetOrigin.Folder && OpenStored(name, entry.Version.Hash) is { } folder)
                list.Add(new OpenedDataset(entry, folder));
        }
        foreach (var name in FolderNames().Except(list.Select(opened => opened.Folder.Name)).ToList())
            list.Add(await SeeAsync(DatasetFolder.Open(Path.Combine(folders.Data, name)), known.GetValueOrDefault(name), ct));
        return [.. list.OrderBy(opened => opened.Folder.Name, StringComparer.Ordinal)];
    }

    /// <summary>Opens a dataset by its name.</summary>
    /// <param name="name">Name of the dataset.</param>
    /// <param name="version">Number of its version; null for the current one.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="RequestRefusedException">404: there is no such dataset or version; the message lists those there are.</exception>
    /// <exception cref="InvalidInputException">Its folder is not a dataset.</exception>
    public async Task<OpenedDataset> OpenAsync(string name, int? version, CancellationToken ct)
    {
        var versions = await store.VersionsAsync(name, ct);
        if (await store.FindAsync(name, ct) is { } dataset && versions.FirstOrDefault(row => row.Version == dataset.CurrentVersion) is { Origin: not DatasetOrigin.Folder })
        {
            var asked = versions.FirstOrDefault(row => row.Version == (version ?? dataset.CurrentVersion)) ?? throw NoVersion(name, version, versions.Select(row => row.Version));
            return new OpenedDataset(
                new KnownDataset(dataset, asked),
                OpenStored(name, asked.Hash) ?? throw new InvalidInputException($"The files of dataset \"{name}\", version {asked.Version}, are gone from the server's workspace."));
        }
        // Only names from the listing are opened, so a name cannot point elsewhere.
        if (!FolderNames().Contains(name))
        {
            var names = await NamesAsync(ct);
            throw new RequestRefusedException(
                StatusCodes.Status404NotFound, $"There is no dataset \"{name}\". Datasets: {string.Join(", ", names.DefaultIfEmpty("none"))}.").With("datasets", names);
        }
        var opened = await SeeAsync(DatasetFolder.Open(Path.Combine(folders.Data, name)), null, ct);
        return version is null || version == opened.Known.Version.Version
            ? opened
            : throw NoVersion(name, version, [opened.Known.Version.Version]);
    }

    /// <summary>Opens the files that an evaluation was asked for on, whatever is current now.</summary>
    /// <param name="name">Name of the dataset.</param>
    /// <param name="hash">Hash of its version; null for an evaluation from before there were versions.</param>
    /// <exception cref="RequestRefusedException">404: they are gone.</exception>
    public DatasetFolder Open(string name, string? hash)
    {
        if (hash is not null && OpenStored(name, hash) is { } stored)
            return stored;
        return FolderNames().Contains(name)
            ? DatasetFolder.Open(Path.Combine(folders.Data, name))
            : throw new RequestRefusedException(StatusCodes.Status404NotFound, $"The dataset \"{name}\" was deleted since the evaluation was asked for.");
    }

    /// <summary>Opens the version that an evaluation was asked for on, where the server keeps it, and else the current one.</summary>
    /// <exception cref="RequestRefusedException">404: there is no such dataset.</exception>
    public async Task<OpenedDataset> ReopenAsync(string name, string? hash, CancellationToken ct)
    {
        var version = (await store.VersionsAsync(name, ct)).FirstOrDefault(row => row.Hash == hash && row.Origin != DatasetOrigin.Folder);
        return await OpenAsync(name, version?.Version, ct);
    }

    /// <summary>Reads a split, or takes it from memory when its file is unchanged.</summary>
    /// <param name="folder">The dataset.</param>
    /// <param name="split">Its split.</param>
    /// <param name="parts">What is kept of annotations beyond their boxes.</param>
    /// <param name="ct">Cancels the waiting; the reading goes on for others.</param>
    /// <exception cref="InvalidInputException">There is no such split, or its annotations are wrong.</exception>
    public async Task<Dataset> ReadAsync(DatasetFolder folder, string split, AnnotationParts parts, CancellationToken ct)
    {
        var key = new ParsedSplit(SplitFile.Of(folder, split), parts);
        var reading = _parsed.GetOrAdd(key, _ =>
        {
            _order.Enqueue(key);
            while (_order.Count > KeptSplits && _order.TryDequeue(out var oldest))
                _parsed.TryRemove(oldest, out var _);
            // Not the caller's token: others wait for the same reading.
            return new Lazy<Task<Dataset>>(() => folder.ReadAsync(split, parts, ct: CancellationToken.None));
        });
        try
        {
            return await reading.Value.WaitAsync(ct);
        }
        catch (Exception) when (reading.IsValueCreated && reading.Value.IsFaulted)
        {
            _parsed.TryRemove(key, out _);
            throw;
        }
    }

    /// <summary>Describes the splits of a dataset with their counts; a split that cannot be read tells why.</summary>
    public async Task<IReadOnlyList<SplitSummary>> DescribeAsync(DatasetFolder folder, CancellationToken ct)
    {
        var splits = new List<SplitSummary>();
        foreach (var split in folder.Splits)
        {
            try
            {
                splits.Add(SplitSummary.Of(split, await ReadAsync(folder, split, AnnotationParts.Boxes, ct)));
            }
            catch (InvalidInputException fault)
            {
                splits.Add(new SplitSummary(split, 0, 0, [], null, folders.WithoutPaths(fault.Message)));
            }
        }
        return splits;
    }

    /// <summary>Whether there is a dataset of a name in the data folder.</summary>
    public bool IsInDataFolder(string name) => FolderNames().Contains(name);

    /// <summary>A dataset of the data folder with the version that its files are now, which is added when it is new.</summary>
    private async Task<OpenedDataset> SeeAsync(DatasetFolder folder, KnownDataset? known, CancellationToken ct)
    {
        var hash = await HashAsync(folder, ct);
        if (known?.Version.Hash != hash)
            known = await FindCurrentAsync(folder.Name, hash, ct);
        if (known is null)
        {
            var splits = JsonSerializer.Serialize(await DescribeAsync(folder, ct), ServeJson.Default.IReadOnlyListSplitSummary);
            (known, _) = await store.AddVersionAsync(
                new NewVersion(folder.Name, hash, DatasetOrigin.Folder, DatasetFormat.Coco.Name(), splits, null, null, null, null), ct);
        }
        return new OpenedDataset(known, folder);
    }

    private async Task<KnownDataset?> FindCurrentAsync(string name, string hash, CancellationToken ct)
        => await store.FindAsync(name, ct) is { } dataset && (await store.VersionsAsync(name, ct)).FirstOrDefault(row => row.Version == dataset.CurrentVersion) is { } current && current.Hash == hash
            ? new KnownDataset(dataset, current)
            : null;

    private async Task<string> HashAsync(DatasetFolder folder, CancellationToken ct)
    {
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var split in folder.Splits)
        {
            var file = SplitFile.Of(folder, split);
            if (!_hashes.TryGetValue(file, out var hash))
                _hashes[file] = hash = await ContentHash.OfFileAsync(file.Path, ct);
            hashes[split] = hash;
        }
        return ContentHash.OfAnnotations(folder, split => hashes[split]);
    }

    private DatasetFolder? OpenStored(string name, string hash)
        => places.FolderOf(name, hash) is var path && Directory.Exists(path) ? DatasetFolder.Open(path, name) : null;

    // A folder being written (its name starts with a dot) is not a dataset yet.
    private IEnumerable<string> FolderNames() => Directory.EnumerateDirectories(folders.Data).Where(IsDataset).Select(path => Path.GetFileName(path));

    private static bool IsDataset(string path)
    {
        var annotations = Path.Combine(path, "annotations");
        return Path.GetFileName(path)[0] != '.' && Directory.Exists(annotations) && Directory.EnumerateFiles(annotations, "instances*.json").Any();
    }

    private static RequestRefusedException NoVersion(string name, int? version, IEnumerable<int> versions)
        => new(StatusCodes.Status404NotFound, $"Dataset \"{name}\" has no version {version}. Versions: {string.Join(", ", versions.Order())}.");

    /// <summary>What is kept of a split's file.</summary>
    private readonly record struct ParsedSplit(SplitFile File, AnnotationParts Parts);

    /// <summary>A state of a split's annotation file: a changed file is another one.</summary>
    private readonly record struct SplitFile(string Path, long Length, DateTime Written)
    {
        public static SplitFile Of(DatasetFolder folder, string split)
        {
            var file = new FileInfo(folder.AnnotationsPath(split));
            return new SplitFile(file.FullName, file.Length, file.LastWriteTimeUtc);
        }
    }
}
