namespace Serve.Training.Checkpoints;

/// <summary>
/// The keys of torchvision's residual networks, which are our own: <c>conv1.weight</c>, <c>layer1.0.bn1.running_mean</c>, <c>layer1.0.downsample.0.weight</c>; and those of
/// Res2Net's authors, which add <c>layer1.0.convs.0</c> and <c>layer1.0.bns.0</c>.
/// </summary>
/// <remarks>
/// What our own keys call <c>stem.0</c> to <c>stem.5</c>, a deep stem (Res2Net v1b, and ResNet-C and -D where others keep to the same names), is there <c>conv1.0</c>,
/// <c>conv1.1</c>, <c>conv1.3</c>, <c>conv1.4</c>, <c>conv1.6</c> and <c>bn1</c>; shortcuts that take means have these as a layer without weights before the two others:
/// <c>downsample.1</c> and <c>downsample.2</c>.
/// </remarks>
internal class TorchvisionKeys : KeyMapping
{
    private static readonly Dictionary<string, string> DeepStem = new()
    {
        ["stem.0"] = "conv1.0",
        ["stem.1"] = "conv1.1",
        ["stem.2"] = "conv1.3",
        ["stem.3"] = "conv1.4",
        ["stem.4"] = "conv1.6",
        ["stem.5"] = "bn1",
    };

    private readonly HashSet<string> names;

    /// <param name="names">The names of all tensors in the file.</param>
    /// <param name="prefix">What stands before each.</param>
    public TorchvisionKeys(IEnumerable<string> names, string prefix)
    {
        this.names = [.. names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..])];
        Prefix = prefix;
        IsRes2Net = this.names.Contains("layer1.0.convs.0.weight");
        HasDeepStem = this.names.Contains("conv1.0.weight");
        PoolsShortcut = this.names.Contains("layer2.0.downsample.2.weight");
        Parts = 1 + this.names.Count(name => name.StartsWith("layer1.0.convs.", StringComparison.Ordinal) && name.EndsWith(".weight", StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public override string Layout => IsRes2Net ? "res2net" : "torchvision";

    /// <summary>Whether the blocks are those of a Res2Net.</summary>
    public bool IsRes2Net { get; }

    /// <summary>Whether three 3x3 convolutions take the place of the first 7x7, under the names of others than us.</summary>
    public bool HasDeepStem { get; }

    /// <summary>Whether the names are those of our own networks with a deep stem, which do not tell how shortcuts change the size.</summary>
    public bool HasOwnStem => names.Contains("stem.0.weight");

    /// <summary>Whether shortcuts that change the size take means, as far as names tell.</summary>
    public bool PoolsShortcut { get; }

    /// <summary>Into how many parts a Res2Net's blocks are split.</summary>
    public int Parts { get; }

    /// <inheritdoc/>
    public override KeySource SourceOf(string key)
    {
        var (layer, field) = (key[..key.LastIndexOf('.')], key[key.LastIndexOf('.')..]);
        if (HasDeepStem && DeepStem.TryGetValue(layer, out var inStem))
            return new(Prefix + inStem + field);
        if (PoolsShortcut && layer.EndsWith(".downsample.0", StringComparison.Ordinal))
            return new($"{Prefix}{layer[..^1]}1{field}");
        if (PoolsShortcut && layer.EndsWith(".downsample.1", StringComparison.Ordinal))
            return new($"{Prefix}{layer[..^1]}2{field}");
        // Networks for classification have no deformable convolutions; one without offsets is a plain one.
        return layer.EndsWith(".offset", StringComparison.Ordinal) && !names.Contains(key) ? new(Prefix + key, 0) : new(Prefix + key);
    }

    /// <inheritdoc/>
    public override bool IsExpectedLeftOver(string name)
        => name.StartsWith("fc.", StringComparison.Ordinal) || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);
}

/// <summary>The keys of a run's checkpoint.</summary>
/// <param name="names">The names of all tensors in the file.</param>
internal sealed class OwnKeys(IEnumerable<string> names) : TorchvisionKeys(names, AveragePrefix)
{
    /// <summary>Stands before the averaged weights of the backbone.</summary>
    public const string AveragePrefix = "average.backbone.";

    /// <inheritdoc/>
    public override string Layout => "own";

    /// <inheritdoc/>
    public override bool IsExpectedLeftOver(string name) => false;
}
