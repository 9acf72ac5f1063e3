using System.CommandLine;

namespace Serve.EvalCli;

/// <summary>Where <c>serve evaluate</c> takes what it evaluates from.</summary>
/// <param name="Options">Options that the command gets for it.</param>
/// <param name="IsAsked">True where the command line gives any of the options that ask for this source.</param>
/// <param name="Outputs">Those of its options that name a file to write.</param>
/// <param name="ReadAsync">Reads it, with what the evaluation needs; null where an option that is needed for it is not given.</param>
internal sealed record DetectionSource(
    IReadOnlyList<Option> Options, Func<ParseResult, bool> IsAsked, IReadOnlyList<Option<string?>> Outputs,
    Func<ParseResult, InputNeeds, CancellationToken, Task<EvaluationInput?>> ReadAsync)
{
    /// <summary>Two files: annotations and detections.</summary>
    public static DetectionSource Files()
    {
        var truth = new Option<string?>("--truth") { Description = "COCO annotation file. With --detections." };
        var detections = new Option<string?>("--detections") { Description = $"{EvaluationFiles.DetectionFormats}. With --truth." };
        return new(
            [truth, detections],
            parsed => parsed.GetValue(truth) is not null || parsed.GetValue(detections) is not null,
            [],
            async (parsed, needs, ct) => (parsed.GetValue(truth), parsed.GetValue(detections)) is ({ } truthFile, { } detectionsFile)
                ? await ReadFilesAsync(truthFile, detectionsFile, needs, ct)
                : null);
    }

    private static async Task<EvaluationInput> ReadFilesAsync(string truth, string detections, InputNeeds needs, CancellationToken ct)
    {
        var (dataset, table) = await EvaluationFiles.ReadAsync(truth, detections, needs.Protocol.Parts, needs.Hash, ct);
        return new(dataset, table, Path.GetFileName(truth), Path.GetFileName(detections), Model: null);
    }
}
