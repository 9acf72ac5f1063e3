namespace Serve.Training.Checkpoints;

/// <summary>Where the tensor of one of a backbone's keys comes from.</summary>
/// <param name="Name">Its name in the file; where it is no tensor of the file, the name that stands for it in messages.</param>
/// <param name="Constant">The value of all its elements where the layout leaves the tensor out; null where it is in the file.</param>
internal readonly record struct KeySource(string Name, double? Constant = null);

/// <summary>How a file names the tensors of a backbone whose own keys are torchvision's.</summary>
internal abstract class KeyMapping
{
    /// <summary>Name of the layout.</summary>
    public abstract string Layout { get; }

    /// <summary>What stands before each name.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Where the tensor of a backbone's key is found.</summary>
    /// <param name="key">The key, such as <c>layer1.0.bn1.weight</c>.</param>
    public abstract KeySource SourceOf(string key);

    /// <summary>Whether a tensor that no key asked for belongs to something that a detector has no use for, such as the classifier.</summary>
    /// <param name="name">Its name behind the prefix.</param>
    public abstract bool IsExpectedLeftOver(string name);

    /// <summary>The layout of a file; null when it is none of those known.</summary>
    /// <param name="names">The names of all its tensors.</param>
    /// <param name="epsilon">What the backbone's normalisation adds to the variance.</param>
    /// <exception cref="FormatException">It holds several backbones; the message names them.</exception>
    public static KeyMapping? Of(IReadOnlyCollection<string> names, double epsilon)
    {
        return Find("layer1.0.conv1.weight", prefix => prefix == OwnKeys.AveragePrefix ? new OwnKeys(names) : new TorchvisionKeys(names, prefix))
            ?? Find("res2.0.conv1.weight", prefix => new Detectron2Keys { Prefix = prefix })
            ?? Find("res2_0_branch2a_w", prefix => new DetectronKeys(names, epsilon) { Prefix = prefix });

        // Each layout is known by a tensor that every depth of it has.
        KeyMapping? Find(string sign, Func<string, KeyMapping> create)
            => Choose([.. names.Where(name => name.EndsWith(sign, StringComparison.Ordinal)).Select(name => name[..^sign.Length])], create);
    }

    private static KeyMapping? Choose(string[] prefixes, Func<string, KeyMapping> create) => prefixes switch
    {
        [] => null,
        [var one] => create(one),
        // A run's own file holds the weights of the last step and their average; the average is what a run is worth.
        _ when prefixes.Contains(OwnKeys.AveragePrefix) => create(OwnKeys.AveragePrefix),
        _ => throw new FormatException($"it holds several backbones, with the prefixes {string.Join(", ", prefixes.Select(prefix => $"\"{prefix}\""))}; save one of them alone"),
    };
}
