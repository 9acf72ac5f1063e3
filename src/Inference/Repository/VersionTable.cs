namespace Serve.Inference.Repository;

/// <summary>All versions of all models, which of them answers, and the order in which they change.</summary>
internal sealed class VersionTable(ModelRepositoryOptions options)
{
    private readonly SortedDictionary<string, SortedDictionary<int, ModelEntry>> _models = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, ModelPolicy> _policies = new Dictionary<string, ModelPolicy>();
    private long _uses;

    // What was chosen last for a name ("" for the default), for as long as nothing changes: a request needs it many times a second.
    private readonly Dictionary<string, ModelEntry> _chosen = new(StringComparer.Ordinal);

    /// <summary>Held for everything below, and for every entry; never while something is waited for.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Told of every change, in order, under the gate.</summary>
    public Action<ModelTransition>? Changed { get; set; }

    /// <summary>What holds where a model's policy says nothing.</summary>
    public ModelPolicy Otherwise { get; } = new(options.Versions, Pinned: false, Preload: false);

    public IEnumerable<ModelEntry> All => _models.Values.SelectMany(versions => versions.Values);

    public IReadOnlyList<string> Names => [.. _models.Where(model => model.Value.Values.Any(IsServed)).Select(model => model.Key)];

    /// <summary>The model for requests that name none: the one chosen by the operator, else the first that is not known to be broken.</summary>
    public string? DefaultName => options.DefaultName
        ?? _models.FirstOrDefault(model => model.Value.Values.Any(entry => IsServed(entry) && entry.State != ModelState.Failed)).Key
        ?? _models.FirstOrDefault(model => model.Value.Values.Any(IsServed)).Key;

    public ModelPolicy PolicyOf(string name) => _policies.GetValueOrDefault(name, Otherwise);

    public void SetPolicies(IReadOnlyDictionary<string, ModelPolicy> policies)
    {
        _policies = policies;
        _chosen.Clear();
        foreach (var entry in All)
            entry.IsPinned = IsPinned(entry);
    }

    public IReadOnlyCollection<ModelEntry> VersionsOf(string name) => _models.TryGetValue(name, out var versions) ? versions.Values : [];

    public ModelEntry? Find(string name, int version) => _models.TryGetValue(name, out var versions) ? versions.GetValueOrDefault(version) : null;

    /// <summary>Puts an entry in, in the place of a removed one where there is one.</summary>
    public ModelEntry Add(FoundVersion files)
    {
        if (!_models.TryGetValue(files.Name, out var versions))
            _models[files.Name] = versions = [];
        var entry = versions[files.Version] = new ModelEntry(files);
        entry.IsPinned = IsPinned(entry);
        _chosen.Clear();
        return entry;
    }

    /// <summary>Takes an entry out, unless another stands in its place already.</summary>
    public void Remove(ModelEntry entry)
    {
        if (!ReferenceEquals(Find(entry.Name, entry.Version), entry))
            return;
        _chosen.Clear();
        var versions = _models[entry.Name];
        versions.Remove(entry.Version);
        if (versions.Count == 0)
            _models.Remove(entry.Name);
    }

    /// <summary>Changes an entry's state and tells of it.</summary>
    public void Move(ModelEntry entry, ModelState state, string reason)
    {
        var from = entry.State;
        if (from == state && entry.Reason == reason)
            return;
        (entry.State, entry.Reason) = (state, reason);
        _chosen.Clear();
        Changed?.Invoke(new ModelTransition(entry.Snapshot(), from));
    }

    /// <summary>Notes that an entry is used now.</summary>
    public void Touch(ModelEntry entry) => entry.LastUse = ++_uses;

    /// <summary>
    /// The version that answers. Of several it is the highest that can: one that failed or was unloaded by request is passed over, and while a new one is being
    /// loaded the version before it goes on.
    /// </summary>
    /// <exception cref="UnknownModelException">No such model or version; the message lists those there are.</exception>
    public ModelEntry Choose(string? name, int? version)
    {
        if (version is null && _chosen.TryGetValue(name ?? "", out var chosen) && chosen.Current is not null)
            return chosen;
        if (name is not null && version is { } number && Find(name, number) is { } exact && IsServed(exact))
            return exact;
        var entry = Search(name ?? DefaultName ?? throw Unknown("There are no models here. Put one into the models folder."), version);
        if (version is null)
            _chosen[name ?? ""] = entry;
        return entry;
    }

    /// <summary>The version asked for, or without a number those that the model's policy keeps in memory.</summary>
    /// <exception cref="UnknownModelException">No such model or version.</exception>
    public ModelEntry[] Kept(string name, int? version)
    {
        ModelEntry[] served = [.. VersionsOf(name).Where(entry => IsServed(entry) && (version is null || entry.Version == version))];
        return served.Length == 0 ? [Choose(name, version)] : PolicyOf(name).Versions.Kind == VersionPolicyKind.Latest ? [served[^1]] : served;
    }

    /// <summary>The version asked for, or all of the model, served or not.</summary>
    /// <exception cref="UnknownModelException">No such model or version.</exception>
    public ModelEntry[] Asked(string name, int? version)
    {
        ModelEntry[] there = [.. VersionsOf(name).Where(entry => !entry.IsRemoved && (version is null || entry.Version == version))];
        return there.Length > 0 ? there : [Choose(name, version)];
    }

    /// <summary>Refuses when one of them is pinned.</summary>
    /// <exception cref="ModelConflictException">One is.</exception>
    public static void RequireUnpinned(ModelEntry[] entries)
    {
        if (Array.Find(entries, entry => entry.IsPinned) is { } pinned)
            throw new ModelConflictException($"Model '{pinned.Name}' version {pinned.Version} is pinned; take the pin out of the settings or its {ModelPolicy.FileName} first.");
    }

    private ModelEntry Search(string name, int? version)
    {
        ModelEntry[] served = [.. VersionsOf(name).Where(IsServed)];
        if (served.Length == 0)
            throw Unknown($"There is no model \"{name}\".");
        if (version is not null)
            return Array.Find(served, entry => entry.Version == version)
                ?? throw Unknown($"Model \"{name}\" has no version {version}; its versions are {string.Join(", ", served.Select(entry => entry.Version))}.");

        ModelEntry? arriving = null, unable = null;
        foreach (var entry in served.Reverse())
        {
            if (entry.Current is not null)
                return entry;
            if (entry.IsHeld || (entry.State == ModelState.Failed && entry.Load is null))
                unable ??= entry;
            else if (entry is { Load: not null, IsArriving: true })
                arriving ??= entry;
            else
                return arriving ?? entry;
        }

        return arriving ?? unable!;
    }

    private bool IsServed(ModelEntry entry) => !entry.IsRemoved && PolicyOf(entry.Name).Versions.Serves(entry.Version);

    private bool IsPinned(ModelEntry entry)
        => PolicyOf(entry.Name).Pinned || options.Pinned.Contains(entry.Name) || options.Pinned.Contains($"{entry.Name}:{entry.Version}");

    private UnknownModelException Unknown(string message)
        => new(Names.Count > 0 ? $"{message} Models: {string.Join(", ", Names)}." : message, Names);
}
