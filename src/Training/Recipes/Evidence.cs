namespace Serve.Training.Recipes;

/// <summary>What a recipe should reach. What it did is in <see cref="ObtainedResults"/>.</summary>
public sealed record Evidence
{
    /// <summary>Figures of the paper or of its authors' code.</summary>
    public IReadOnlyList<ExpectedResult> Expected { get; init; } = [];
}

/// <summary>A published figure.</summary>
/// <param name="Metric">What was measured: <c>AP</c>.</param>
/// <param name="Value">The figure, in the paper's unit.</param>
/// <param name="Source">Where it stands, on which data and with how much training.</param>
public sealed record ExpectedResult(string Metric, double Value, string Source);
