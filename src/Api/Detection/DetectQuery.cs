using Microsoft.Extensions.Primitives;
using Serve.Api.Problems;
using Serve.Eval.Datasets;
using Serve.Inference.Detection;

namespace Serve.Api.Detection;

/// <summary>How an answer tells masks.</summary>
internal enum MaskForm
{
    /// <summary>COCO's compressed run lengths: exact.</summary>
    Rle,

    /// <summary>Outlines, within a pixel; holes are not told.</summary>
    Polygons,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>What the query string of a detect request asks for, within its ranges.</summary>
/// <param name="Options">What the model is asked for.</param>
/// <param name="Masks">How masks are told.</param>
/// <param name="Coco">Whether the answer is a list of COCO results.</param>
/// <param name="Partial">Whether a refused picture is told at its place, instead of refusing the request.</param>
/// <param name="Classes">Names of the categories that are wanted; empty for all.</param>
internal sealed record DetectQuery(DetectionOptions Options, MaskForm Masks, bool Coco, bool Partial, StringValues Classes)
{
    private const int DefaultMaxDetections = 100;
    private const int MostDetections = 1000;
    private const int LongestTimeout = 600_000;
    private const int LowestPriority = 100;

    private static readonly string[] Names = ["model", "version", "score", "iou", "max", "classes", "masks", "format", "partial", "timeout", "priority"];

    // So many are taken of a model before those of other categories are left out.
    private const int MostBeforeFilter = 10_000;

    /// <summary>Most detections of a picture in the answer.</summary>
    public int MaxDetections { get; private init; }

    /// <summary>Checks the names: one that other servers have, or a misspelt one, must not be passed over in silence.</summary>
    /// <exception cref="RequestRefusedException">400: there is no parameter of a name; the message lists those there are.</exception>
    public static void CheckNames(IQueryCollection query)
    {
        if (query.Keys.FirstOrDefault(name => !Names.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"There is no parameter \"{unknown}\"; there are {string.Join(", ", Names)}.");
    }

    /// <summary>Checks the values.</summary>
    /// <exception cref="RequestRefusedException">400: a value is out of its range; the message gives the range.</exception>
    public static DetectQuery Of(
        double? score, double? iou, int? max, StringValues classes, string? masks, string? format, bool? partial, int? timeout, int? priority)
    {
        if (score is not (null or >= 0 and <= 1))
            throw Wrong("score", $"{score}", "between 0 and 1");
        if (iou is not (null or >= 0 and <= 1))
            throw Wrong("iou", $"{iou}", "between 0 and 1");
        if (max is not (null or >= 1 and <= MostDetections))
            throw Wrong("max", $"{max}", $"between 1 and {MostDetections}");
        if (timeout is not (null or >= 1 and <= LongestTimeout))
            throw Wrong("timeout", $"{timeout}", $"between 1 and {LongestTimeout} milliseconds");
        if (priority is not (null or >= 0 and <= LowestPriority))
            throw Wrong("priority", $"{priority}", $"between 0 (the model's own) and {LowestPriority} (the lowest; 1 is the highest)");
        if (format is not (null or "json" or "coco"))
            throw Wrong("format", $"\"{format}\"", "json or coco");
        if (format == "coco" && partial == true)
            throw Wrong("partial", "true", "possible with format=coco, which has no place for faults");
        var form = masks switch
        {
            null or "rle" => MaskForm.Rle,
            "polygons" => MaskForm.Polygons,
            "none" => MaskForm.None,
            _ => throw Wrong("masks", $"\"{masks}\"", "rle, polygons or none"),
        };
        var most = max ?? DefaultMaxDetections;
        var options = new DetectionOptions(
            score, classes.Count > 0 ? MostBeforeFilter : most, false, iou, priority ?? 0, timeout is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null);
        return new DetectQuery(options, form, format == "coco", partial ?? false, classes) { MaxDetections = most };
    }

    /// <summary>The categories that are wanted; null for all.</summary>
    /// <param name="categories">The model's categories.</param>
    /// <exception cref="RequestRefusedException">400: the model has no category of a name.</exception>
    public IReadOnlySet<string>? Wanted(IReadOnlyList<Category> categories)
    {
        if (Classes.Count == 0)
            return null;
        var known = categories.Select(category => category.Name).ToHashSet(StringComparer.Ordinal);
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in Classes.OfType<string>())
        {
            // A name may hold commas itself, and then counts as a whole.
            foreach (var name in known.Contains(value) ? [value] : value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                wanted.Add(known.Contains(name) ? name : throw Unknown(name, categories));
        }
        return wanted;
    }

    private static RequestRefusedException Unknown(string name, IReadOnlyList<Category> categories)
    {
        const int mostListed = 100;
        var listed = string.Join(", ", categories.Take(mostListed).Select(category => category.Name));
        return new RequestRefusedException(StatusCodes.Status400BadRequest,
            $"Parameter \"classes\": the model has no category \"{name}\". It has {listed}{(categories.Count > mostListed ? $" and {categories.Count - mostListed} more" : "")}.");
    }

    private static RequestRefusedException Wrong(string name, string value, string allowed)
        => new(StatusCodes.Status400BadRequest, $"Parameter \"{name}\": {value} is not {allowed}.");
}
