namespace Serve.Training.Recipes;

/// <summary>What a recipe should reach, and what it did.</summary>
public sealed record Evidence
{
    /// <summary>Figures of the paper or of its authors' code.</summary>
    public IReadOnlyList<ExpectedResult> Expected { get; init; } = [];

    /// <summary>Figures of our own runs.</summary>
    public IReadOnlyList<ObtainedResult> Obtained { get; init; } = [];
}

/// <summary>A published figure.</summary>
/// <param name="Metric">What was measured: <c>AP</c>.</param>
/// <param name="Value">The figure, in the paper's unit.</param>
/// <param name="Source">Where it stands, on which data and with how much training.</param>
public sealed record ExpectedResult(string Metric, double Value, string Source);

/// <summary>A figure of a run that anyone can make again.</summary>
/// <param name="Metric">What was measured: <c>AP</c>.</param>
/// <param name="Value">The figure, in the unit of <see cref="ExpectedResult.Value"/>.</param>
/// <param name="Data">Dataset and split.</param>
/// <param name="Budget">Steps or epochs, and the size of images.</param>
/// <param name="Command">The command that makes it.</param>
/// <param name="Commit">Commit of the code.</param>
/// <param name="Hardware">What it ran on.</param>
public sealed record ObtainedResult(string Metric, double Value, string Data, string Budget, string Command, string Commit, string Hardware);
