using System.CommandLine;
using Serve.Eval.Datasets;

namespace Serve.EvalCli;

/// <summary>Where <c>serve evaluate</c> takes what it evaluates from.</summary>
/// <param name="Options">Options that the command gets for it.</param>
/// <param name="IsAsked">True where the command line gives any of the options that ask for this source.</param>
/// <param name="ReadAsync">Reads it, with the parts of annotations that the protocol needs; null where an option that is needed for it is not given.</param>
internal sealed record DetectionSource(
    IReadOnlyList<Option> Options, Func<ParseResult, bool> IsAsked, Func<ParseResult, AnnotationParts, CancellationToken, Task<EvaluationInput?>> ReadAsync)
{
    /// <summary>Two files: annotations and detections.</summary>
    public static DetectionSource Files()
    {
        var truth = new Option<string?>("--truth") { Description = "COCO annotation file. With --detections." };
        var detections = new Option<string?>("--detections") { Description = "COCO results file. With --truth." };
        return new(
            [truth, detections],
            parsed => parsed.GetValue(truth) is not null || parsed.GetValue(detections) is not null,
            async (parsed, parts, ct) => (parsed.GetValue(truth), parsed.GetValue(detections)) is ({ } truthFile, { } detectionsFile)
                ? await ReadFilesAsync(truthFile, detectionsFile, parts, ct)
                : null);
    }

    private static async Task<EvaluationInput> ReadFilesAsync(string truth, string detections, AnnotationParts parts, CancellationToken ct)
    {
        var dataset = CocoDatasetReader.ReadAsync(EvalCli.Files.Existing(truth, "--truth"), parts, ct: ct);
        var table = CocoResults.ReadAsync(EvalCli.Files.Existing(detections, "--detections"), parts, ct: ct);
        return new(await dataset, await table, Path.GetFileName(truth), Path.GetFileName(detections), Model: null);
    }
}
