using System.Collections.Concurrent;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Eval;
using Serve.Eval.Datasets;

namespace Serve.Api.Datasets;

/// <summary>The datasets in the data folder, one folder each. Looked up at each question, so that a new one is there at once.</summary>
internal sealed class DatasetCatalogue(ServeFolders folders)
{
    /// <summary>Splits kept parsed: an evaluation's shards ask for the same one again and again.</summary>
    private const int KeptSplits = 4;

    private readonly ConcurrentDictionary<ParsedSplit, Lazy<Task<Dataset>>> _parsed = new();
    private readonly ConcurrentDictionary<SplitFile, SplitSummary> _summaries = new();
    private readonly ConcurrentQueue<ParsedSplit> _order = new();

    /// <summary>Names of the datasets, sorted. A folder being written (its name starts with a dot) is not one yet.</summary>
    public IReadOnlyList<string> Names =>
        [.. Directory.EnumerateDirectories(folders.Data)
            .Where(IsDataset)
            .Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)];

    /// <summary>Opens a dataset by its name.</summary>
    /// <exception cref="RequestRefusedException">404: there is no such dataset; the message lists those there are.</exception>
    /// <exception cref="InvalidInputException">Its folder is not a dataset.</exception>
    public DatasetFolder Open(string name)
    {
        // Only names from the listing are opened, so a name cannot point elsewhere.
        var names = Names;
        if (!names.Contains(name))
        {
            var list = string.Join(", ", names.DefaultIfEmpty("none"));
            throw new RequestRefusedException(StatusCodes.Status404NotFound, $"There is no dataset \"{name}\". Datasets: {list}.").With("datasets", names);
        }
        return DatasetFolder.Open(Path.Combine(folders.Data, name));
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
            var dataset = await reading.Value.WaitAsync(ct);
            _summaries[key.File] = SplitSummary.Of(split, dataset);
            return dataset;
        }
        catch (Exception) when (reading.IsValueCreated && reading.Value.IsFaulted)
        {
            _parsed.TryRemove(key, out _);
            throw;
        }
    }

    /// <summary>Describes a dataset: its splits with their counts; a split that cannot be read tells why.</summary>
    public async Task<DatasetSummary> DescribeAsync(string name, CancellationToken ct)
    {
        var splits = new List<SplitSummary>();
        var folder = Open(name);
        foreach (var split in folder.Splits)
        {
            try
            {
                splits.Add(_summaries.TryGetValue(SplitFile.Of(folder, split), out var known)
                    ? known
                    : SplitSummary.Of(split, await ReadAsync(folder, split, AnnotationParts.Boxes, ct)));
            }
            catch (InvalidInputException fault)
            {
                splits.Add(new SplitSummary(split, 0, 0, [], null, folders.WithoutPaths(fault.Message)));
            }
        }
        return new DatasetSummary(name, splits);
    }

    private static bool IsDataset(string path)
    {
        var annotations = Path.Combine(path, "annotations");
        return Path.GetFileName(path)[0] != '.' && Directory.Exists(annotations) && Directory.EnumerateFiles(annotations, "instances*.json").Any();
    }

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
