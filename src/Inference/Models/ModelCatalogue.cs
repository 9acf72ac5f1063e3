using System.Collections.Concurrent;
using System.Globalization;
using Serve.Eval;

namespace Serve.Inference.Models;

/// <summary>The models in a folder: <c>&lt;name&gt;/&lt;version&gt;/model.onnx</c> and <c>model.json</c>. Loaded when first asked for.</summary>
public sealed class ModelCatalogue : IAsyncDisposable
{
    private readonly DetectionModelOptions _options;
    private readonly Dictionary<(string Name, int Version), Entry> _entries;
    private readonly ConcurrentDictionary<(string Name, int Version), Lazy<Task<DetectionModel>>> _loads = new();
    private bool _disposed;

    private ModelCatalogue(IReadOnlyList<Entry> entries, IReadOnlyList<string> faults, DetectionModelOptions options)
    {
        _options = options;
        _entries = entries.ToDictionary(entry => (entry.Passport.Name, entry.Passport.Version));
        Passports = [.. entries.Select(entry => entry.Passport)];
        Faults = faults;
    }

    /// <summary>Passports of all models, all versions, by name and version.</summary>
    public IReadOnlyList<Passport> Passports { get; }

    /// <summary>Folders that look like models and cannot be served, each with its fault.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>The models that are loaded now.</summary>
    public IReadOnlyList<DetectionModel> Loaded =>
    [
        .. _loads.Values.Where(load => load.IsValueCreated && load.Value.IsCompletedSuccessfully).Select(load => load.Value.GetAwaiter().GetResult()),
    ];

    /// <summary>Opens a models folder.</summary>
    /// <exception cref="InvalidInputException">There is no such folder.</exception>
    public static ModelCatalogue Open(string folder, string device = "auto") => Open(folder, new DetectionModelOptions { Device = device });

    /// <summary>Opens a models folder. A model with a fault is told in <see cref="Faults"/> and does not hide the others.</summary>
    /// <exception cref="InvalidInputException">There is no such folder.</exception>
    public static ModelCatalogue Open(string folder, DetectionModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!Directory.Exists(folder))
            throw new InvalidInputException($"{folder}: there is no such models folder; expected <name>/<version>/{DetectionModel.GraphFileName} in it.");

        var entries = new List<Entry>();
        var faults = new List<string>();
        foreach (var version in Directory.EnumerateDirectories(folder).SelectMany(Directory.EnumerateDirectories))
        {
            var passportPath = Path.Combine(version, Passport.FileName);
            try
            {
                if (File.Exists(passportPath))
                    entries.Add(ReadEntry(passportPath));
            }
            catch (InvalidInputException e)
            {
                faults.Add(e.Message);
            }
        }

        entries.Sort((a, b) => (string.CompareOrdinal(a.Passport.Name, b.Passport.Name), a.Passport.Version.CompareTo(b.Passport.Version)) switch
        {
            (0, var byVersion) => byVersion,
            var (byName, _) => byName,
        });
        faults.Sort(StringComparer.Ordinal);
        return new ModelCatalogue(entries, faults, options);
    }

    /// <summary>The model of that name: the version asked for, or the highest. Loaded once, however many callers wait for it.</summary>
    /// <exception cref="InvalidInputException">No such model; the message lists those there are. Or it cannot be loaded.</exception>
    public async Task<DetectionModel> GetAsync(string name, int? version, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        var entry = Find(name, version);
        var key = (entry.Passport.Name, entry.Passport.Version);

        // The load goes on when the caller who began it leaves: others may wait for it.
        var load = _loads.GetOrAdd(
            key, _ => new Lazy<Task<DetectionModel>>(() => Task.Run(() => DetectionModel.Load(entry.Folder, _options), CancellationToken.None)));
        try
        {
            return await load.Value.WaitAsync(ct);
        }
        catch when (load.Value.IsFaulted)
        {
            // So that a repaired model can be asked for again.
            _loads.TryRemove(KeyValuePair.Create(key, load));
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _disposed, true);
        foreach (var load in _loads.Values.Where(load => load.IsValueCreated))
        {
            // A load that failed was told to those who asked for it.
            await load.Value.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (load.Value.IsCompletedSuccessfully)
                await (await load.Value).DisposeAsync();
        }
    }

    private static Entry ReadEntry(string passportPath)
    {
        var folder = Path.GetDirectoryName(passportPath)!;
        var passport = Passport.Read(passportPath);
        var name = Path.GetFileName(Path.GetDirectoryName(folder));
        var version = Path.GetFileName(folder);
        if (name != passport.Name || version != passport.Version.ToString(CultureInfo.InvariantCulture))
            throw new InvalidInputException($"{passportPath}: the passport is of '{passport.Name}' version {passport.Version}, but lies in {name}/{version}.");
        if (!File.Exists(Path.Combine(folder, DetectionModel.GraphFileName)))
            throw new InvalidInputException($"{folder}: there is no {DetectionModel.GraphFileName}.");
        return new Entry(passport, folder);
    }

    private Entry Find(string name, int? version)
    {
        // Only what was listed is opened, so that no name can lead out of the folder.
        var versions = Passports.Where(passport => passport.Name == name).Select(passport => passport.Version).ToList();
        if (versions.Count == 0)
        {
            var known = Passports.Count == 0 ? "There are none here." : $"Models here: {string.Join(", ", Passports.Select(passport => passport.Name).Distinct())}.";
            throw new InvalidInputException($"There is no model '{name}'. {known}");
        }

        return _entries.TryGetValue((name, version ?? versions[^1]), out var entry)
            ? entry
            : throw new InvalidInputException($"Model '{name}' has no version {version}. Versions here: {string.Join(", ", versions)}.");
    }

    private sealed record Entry(Passport Passport, string Folder);
}
