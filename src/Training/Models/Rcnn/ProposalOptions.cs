using Serve.Training.Boxes;

namespace Serve.Training.Models.Rcnn;

/// <summary>The first part of a two-stage detector: how it finds boxes that may hold an object.</summary>
public sealed record ProposalOptions
{
    /// <summary>3x3 convolutions before the predictions.</summary>
    public int HeadDepth { get; init; } = 1;

    /// <summary>The reference boxes.</summary>
    public AnchorSpec Anchors { get; init; } = new();

    /// <summary>In training, the best of each level that suppression looks at.</summary>
    public int PreNmsTrain { get; init; } = 2000;

    /// <summary>In inference, the best of each level that suppression looks at.</summary>
    public int PreNmsTest { get; init; } = 1000;

    /// <summary>In training, proposals of an image.</summary>
    public int PostNmsTrain { get; init; } = 1000;

    /// <summary>In inference, proposals of an image.</summary>
    public int PostNmsTest { get; init; } = 1000;

    /// <summary>Largest IoU of two proposals of one level.</summary>
    public double NmsIou { get; init; } = 0.7;

    /// <summary>Anchors of an image that the loss looks at.</summary>
    public int Samples { get; init; } = 256;

    /// <summary>Largest share of objects among them.</summary>
    public double PositiveShare { get; init; } = 0.5;

    /// <summary>Smallest IoU of an anchor with its object.</summary>
    public double PositiveIou { get; init; } = 0.7;

    /// <summary>IoU below which an anchor is background.</summary>
    public double NegativeIou { get; init; } = 0.3;

    /// <summary>The options that are out of range, a sentence each.</summary>
    internal IEnumerable<string> Faults(string path)
    {
        if (HeadDepth < 0)
            yield return OptionFault.Of($"{path}.{nameof(HeadDepth)}", HeadDepth, "0 or more");
        foreach (var fault in Anchors.Faults($"{path}.{nameof(Anchors)}"))
            yield return fault;
        foreach (var (name, value) in new[]
        {
            (nameof(PreNmsTrain), PreNmsTrain), (nameof(PreNmsTest), PreNmsTest), (nameof(PostNmsTrain), PostNmsTrain), (nameof(PostNmsTest), PostNmsTest), (nameof(Samples), Samples),
        })
        {
            if (value < 1)
                yield return OptionFault.Of($"{path}.{name}", value, "1 or more");
        }

        if (NmsIou is not (>= 0 and <= 1))
            yield return OptionFault.Of($"{path}.{nameof(NmsIou)}", NmsIou, "0 to 1");
        if (PositiveShare is not (>= 0 and <= 1))
            yield return OptionFault.Of($"{path}.{nameof(PositiveShare)}", PositiveShare, "0 to 1");
        if (PositiveIou is not (> 0 and <= 1))
            yield return OptionFault.Of($"{path}.{nameof(PositiveIou)}", PositiveIou, "above 0, up to 1");
        if (!(NegativeIou >= 0 && NegativeIou <= PositiveIou))
            yield return OptionFault.Of($"{path}.{nameof(NegativeIou)}", NegativeIou, $"0 to {nameof(PositiveIou)}");
    }
}
