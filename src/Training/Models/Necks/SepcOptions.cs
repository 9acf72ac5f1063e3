namespace Serve.Training.Models.Necks;

/// <summary>The pyramid convolutions that follow a feature pyramid in a neck of the kind <see cref="NeckKind.Sepc"/>.</summary>
public sealed record SepcOptions
{
    /// <summary>Pyramid convolutions, one after another.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Whether each is followed by a batch normalisation of all levels together. It needs about four images or more at a time.</summary>
    public bool IntegratedNorm { get; init; }

    /// <summary>Whether the last convolutions, one for classes and one for boxes, are deformable on all levels but the finest.</summary>
    public bool Deformable { get; init; }

    /// <summary>The options that are out of range, a sentence each.</summary>
    internal IEnumerable<string> Faults(string path)
    {
        if (Layers < 0)
            yield return OptionFault.Of($"{path}.{nameof(Layers)}", Layers, "0 or more");
    }
}
