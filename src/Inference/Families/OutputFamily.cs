using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Eval;
using Serve.Inference.Models;

namespace Serve.Inference.Families;

/// <summary>One object as a model gives it.</summary>
/// <param name="Label">Index into the passport's categories.</param>
/// <param name="Score">Confidence.</param>
/// <param name="Box">Input pixels.</param>
internal readonly record struct Candidate(int Label, float Score, Box Box);

/// <summary>An output that a family reads.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Rank">Its number of dimensions, the batch included.</param>
internal sealed record FamilyOutput(string Name, TensorElementType Type, int Rank);

/// <summary>A way in which detectors put their result into tensors. One file a family; which one a model belongs to stands in its passport.</summary>
internal abstract class OutputFamily
{
    private static readonly OutputFamily[] All = [new EndToEnd()];

    /// <summary>Name in passports.</summary>
    public abstract string Name { get; }

    /// <summary>The family of that name.</summary>
    /// <exception cref="InvalidInputException">There is none; the message lists those there are.</exception>
    public static OutputFamily Of(string name)
        => All.FirstOrDefault(family => family.Name == name)
            ?? throw new InvalidInputException($"family: '{name}' is not known; known are {string.Join(", ", All.Select(family => family.Name))}.");

    /// <summary>The outputs to fetch, in the order in which <see cref="Decode"/> gets them.</summary>
    public abstract IReadOnlyList<FamilyOutput> Outputs(Passport passport);

    /// <summary>Reads the objects of one picture.</summary>
    /// <param name="outputs">The outputs of a run over a batch.</param>
    /// <param name="index">Which picture of the batch.</param>
    /// <param name="passport">The model's passport.</param>
    /// <param name="candidates">Where to add the objects.</param>
    /// <exception cref="ModelOutputException">The values are not what the family promises.</exception>
    public abstract void Decode(IReadOnlyList<OrtValue> outputs, int index, Passport passport, List<Candidate> candidates);
}
