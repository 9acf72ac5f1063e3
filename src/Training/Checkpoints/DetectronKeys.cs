namespace Serve.Training.Checkpoints;

/// <summary>
/// The keys of Detectron (Caffe2): <c>conv1_w</c>, <c>res2_0_branch2a_w</c>, <c>res2_0_branch1_w</c>; behind each convolution <c>_bn_s</c> and <c>_bn_b</c>, the scale and
/// shift into which batch normalisation was folded, or <c>_gn_s</c> and <c>_gn_b</c> of group normalisation.
/// </summary>
internal sealed class DetectronKeys : KeyMapping
{
    private readonly bool hasGroupNorm;
    private readonly double unitVariance;

    /// <param name="names">The names of all tensors in the file.</param>
    /// <param name="epsilon">What the backbone's normalisation adds to the variance.</param>
    public DetectronKeys(IReadOnlyCollection<string> names, double epsilon)
    {
        hasGroupNorm = names.Any(name => name.EndsWith("res2_0_branch2a_gn_s", StringComparison.Ordinal));
        // A folded normalisation has mean 0 and variance 1; what the layers add is taken off, so that they divide by exactly one.
        unitVariance = 1 - epsilon;
    }

    /// <inheritdoc/>
    public override string Layout => "detectron";

    /// <summary>Whether the norm behind convolutions is batch normalisation, folded to scale and shift: these are the weights of the networks' authors ("MSRA").</summary>
    public bool HasFoldedBatchNorm => !hasGroupNorm;

    /// <inheritdoc/>
    public override KeySource SourceOf(string key)
    {
        if (ResNetKey.Parse(key) is not { } part)
            return new(Prefix + key);
        var convolution = (part.Stage, part.Convolution) switch
        {
            (0, _) => part.IsNorm && !hasGroupNorm ? "res_conv1" : "conv1",
            (_, 0) => $"res{part.Stage + 1}_{part.Block}_branch1",
            _ => $"res{part.Stage + 1}_{part.Block}_branch2{(char)('a' + part.Convolution - 1)}",
        };
        var norm = hasGroupNorm ? "gn" : "bn";
        return (part.IsNorm, part.Field) switch
        {
            (false, "weight") => new($"{Prefix}{convolution}_w"),
            (true, "weight") => new($"{Prefix}{convolution}_{norm}_s"),
            (true, "bias") => new($"{Prefix}{convolution}_{norm}_b"),
            (true, "running_mean") when !hasGroupNorm => new($"{Prefix}{convolution}_bn mean", 0),
            (true, "running_var") when !hasGroupNorm => new($"{Prefix}{convolution}_bn variance", unitVariance),
            _ => new($"{Prefix}{convolution}_{norm}_{part.Field}"),
        };
    }

    /// <inheritdoc/>
    public override bool IsExpectedLeftOver(string name)
        => name.StartsWith("fc1000", StringComparison.Ordinal) || name.StartsWith("pred_", StringComparison.Ordinal) || name.EndsWith("_momentum", StringComparison.Ordinal) || name == "lr";
}
