namespace Serve.Training.Checkpoints;

/// <summary>The keys of Detectron2's residual networks: <c>stem.conv1.weight</c>, <c>res2.0.conv1.norm.running_mean</c>, <c>res2.0.shortcut.weight</c>.</summary>
internal sealed class Detectron2Keys : KeyMapping
{
    /// <inheritdoc/>
    public override string Layout => "detectron2";

    /// <inheritdoc/>
    public override KeySource SourceOf(string key)
    {
        if (ResNetKey.Parse(key) is not { } part)
            return new(Prefix + key);
        var convolution = (part.Stage, part.Convolution) switch
        {
            (0, _) => "stem.conv1",
            (_, 0) => $"res{part.Stage + 1}.{part.Block}.shortcut",
            _ => $"res{part.Stage + 1}.{part.Block}.conv{part.Convolution}",
        };
        return new($"{Prefix}{convolution}.{(part.IsNorm ? "norm." : "")}{part.Field}");
    }

    /// <inheritdoc/>
    public override bool IsExpectedLeftOver(string name)
        => name.StartsWith("fc", StringComparison.Ordinal) || name.StartsWith("stem.fc", StringComparison.Ordinal) || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);
}
