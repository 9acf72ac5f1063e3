namespace Serve.Training.Checkpoints;

/// <summary>The keys of torchvision's residual networks, which are our own: <c>conv1.weight</c>, <c>layer1.0.bn1.running_mean</c>, <c>layer1.0.downsample.0.weight</c>.</summary>
internal class TorchvisionKeys : KeyMapping
{
    /// <inheritdoc/>
    public override string Layout => "torchvision";

    /// <inheritdoc/>
    public override KeySource SourceOf(string key) => new(Prefix + key);

    /// <inheritdoc/>
    public override bool IsExpectedLeftOver(string name)
        => name.StartsWith("fc.", StringComparison.Ordinal) || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);
}

/// <summary>The keys of a run's checkpoint.</summary>
internal sealed class OwnKeys : TorchvisionKeys
{
    /// <summary>Stands before the averaged weights of the backbone.</summary>
    public const string AveragePrefix = "average.backbone.";

    /// <inheritdoc/>
    public override string Layout => "own";

    /// <inheritdoc/>
    public override bool IsExpectedLeftOver(string name) => false;
}
