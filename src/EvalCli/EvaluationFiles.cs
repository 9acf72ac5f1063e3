using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Formats.Results;

namespace Serve.EvalCli;

/// <summary>Reads the files that <c>--truth</c> and <c>--detections</c> name, for each command in the same way.</summary>
internal static class EvaluationFiles
{
    /// <summary>What <c>--detections</c> takes.</summary>
    public const string DetectionFormats
        = "COCO results file, a CSV table (image_id or file_name, category_id or category, x, y, width, height or x1, y1, x2, y2, score), or a folder of YOLO text";

    /// <summary>Reads both, one after the other, each on all cores: a second set of buffers would not make it faster. Names in a table of detections are the dataset's.</summary>
    /// <param name="truth">Annotations.</param>
    /// <param name="detections">Detections in any format.</param>
    /// <param name="parts">What is kept beyond boxes.</param>
    /// <param name="hash">Whether the hash of the annotations is told; it takes half of their reading's time.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="InvalidInputException">One is not there, or cannot be read.</exception>
    public static async Task<(Dataset Dataset, DetectionTable Detections)> ReadAsync(string truth, string detections, AnnotationParts parts, bool hash, CancellationToken ct)
    {
        Files.Existing(truth, "--truth");
        RequireDetections(detections);
        var dataset = await ReadTruthAsync(truth, parts, hash, ct);
        return (dataset, await Detections.ReadAsync(detections, dataset, parts, ct));
    }

    /// <summary>Reads annotations.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parts">What is kept of annotations beyond their boxes.</param>
    /// <param name="hash">Whether their hash is told; it takes half of the reading's time.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="InvalidInputException">The file is not there, or cannot be read.</exception>
    public static Task<Dataset> ReadTruthAsync(string path, AnnotationParts parts, bool hash, CancellationToken ct)
        => CocoDatasetReader.ReadAsync(Files.Existing(path, "--truth"), parts, hash: hash, ct: ct);

    /// <summary>Makes sure that detections are there, before other files are read.</summary>
    /// <exception cref="InvalidInputException">They are not.</exception>
    public static void RequireDetections(string path)
    {
        if (!Directory.Exists(path))
            Files.Existing(path, "--detections");
    }
}
